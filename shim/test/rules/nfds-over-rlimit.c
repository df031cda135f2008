/* The array is as long as the limit, then longer: the limit counts, not the descriptors. */
#include "rule.h"

static struct pollfd fds[65];

static void right(void)
{
	struct rlimit limit = {64, 64};
	for (int i = 0; i < 65; i++)
		fds[i].fd = -1;
	must(setrlimit(RLIMIT_NOFILE, &limit));
	must(poll(fds, 64, 0));
}

static void wrong(void)
{
	poll(fds, 65, 0);
}

/* The array is as long as the limit, then longer: the limit counts, not the descriptors. */
#include "rule.h"

static struct rlimit limit = {64, 64};
static struct pollfd *fds;
static nfds_t too_many;

/* Valgrind refuses another hard limit and lets the kernel's soft one be what it was and some more,
 * for itself. */
static void lower_limit(void)
{
	if (setrlimit(RLIMIT_NOFILE, &limit) == 0)
		return;
	must(getrlimit(RLIMIT_NOFILE, &limit));
	limit.rlim_cur = 64;
	must(setrlimit(RLIMIT_NOFILE, &limit));
}

static void right(void)
{
	lower_limit();
	too_many = limit.rlim_max + 64;
	fds = calloc(too_many, sizeof(*fds));
	if (!fds)
		exit(99);
	for (nfds_t i = 0; i < too_many; i++)
		fds[i].fd = -1;
	must(poll(fds, 64, 0));
}

static void wrong(void)
{
	poll(fds, too_many, 0);
}

/* nfds is the highest descriptor plus one, then the highest descriptor. */
#include "rule.h"

static int watch(int plus)
{
	fd_set readfds;
	struct timeval limit = {0, 0};
	int fd = must(eventfd(1, EFD_CLOEXEC));
	FD_ZERO(&readfds);
	FD_SET(fd, &readfds);
	int ready = must(select(fd + plus, &readfds, NULL, NULL, &limit));
	close(fd);
	return ready;
}

static void right(void)
{
	watch(1);
}

static void wrong(void)
{
	watch(0);
}

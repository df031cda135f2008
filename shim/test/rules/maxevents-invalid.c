/* The array has room for one, then for none. */
#include "rule.h"

static void right(void)
{
	struct epoll_event event;
	int epfd = instance();
	must(epoll_wait(epfd, &event, 1, 0));
	close(epfd);
}

static void wrong(void)
{
	struct epoll_event event;
	int epfd = instance();
	epoll_wait(epfd, &event, 0, 0);
	close(epfd);
}

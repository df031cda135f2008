/* One failure is looked at; a thousand in a row are not. */
#include "rule.h"

static void right(void)
{
	struct epoll_event event;
	int not_epoll = must(eventfd(0, EFD_CLOEXEC));
	if (epoll_wait(not_epoll, &event, 1, 0) < 0 && errno != EINVAL)
		exit(99);
	close(not_epoll);
}

static void wrong(void)
{
	struct epoll_event event;
	int not_epoll = must(eventfd(0, EFD_CLOEXEC));
	for (int i = 0; i < 1000; i++)
		epoll_wait(not_epoll, &event, 1, 0);
	close(not_epoll);
}

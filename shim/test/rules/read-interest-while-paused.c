/* A reader that pauses drops its interest; then keeps it and does not read. */
#include "rule.h"

static void right(void)
{
	struct epoll_event event;
	int epfd = instance(), pair[2];
	must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
	must(add(epfd, pair[0], EPOLLIN));
	must((int)write(pair[1], "x", 1));
	must(epoll_wait(epfd, &event, 1, -1));
	must(modify(epfd, pair[0], 0));
	must(epoll_wait(epfd, &event, 1, 1));
	close(pair[0]);
	close(pair[1]);
	close(epfd);
}

static void wrong(void)
{
	struct epoll_event event;
	int epfd = instance(), pair[2];
	must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
	must(add(epfd, pair[0], EPOLLIN));
	must((int)write(pair[1], "x", 1));
	double since = now();
	for (int i = 0; spinning(since, i); i++)
		must(epoll_wait(epfd, &event, 1, -1));
	close(pair[0]);
	close(pair[1]);
	close(epfd);
}

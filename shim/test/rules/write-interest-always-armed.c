/* Write interest is dropped once everything is sent; then it stays. */
#include "rule.h"

static void right(void)
{
	struct epoll_event event;
	int epfd = instance(), pair[2];
	must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
	must(add(epfd, pair[0], EPOLLOUT));
	must(epoll_wait(epfd, &event, 1, -1));
	must((int)write(pair[0], "x", 1));
	must(modify(epfd, pair[0], EPOLLIN));
	must(epoll_wait(epfd, &event, 1, 1));
	close(pair[0]);
	close(pair[1]);
	close(epfd);
}

static void wrong(void)
{
	struct epoll_event event;
	int epfd = instance(), pair[2];
	double since = now();
	must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
	must(add(epfd, pair[0], EPOLLIN | EPOLLOUT));
	for (int i = 0; spinning(since, i); i++)
		must(epoll_wait(epfd, &event, 1, -1));
	close(pair[0]);
	close(pair[1]);
	close(epfd);
}

/* EEXIST and ENOENT are answered with the other operation, or what was asked is so already; then
 * ENOENT is ignored and the loop waits. */
#include "rule.h"

static void right(void)
{
	struct epoll_event event;
	int epfd = instance(), fd = must(eventfd(1, EFD_CLOEXEC));
	if (modify(epfd, fd, EPOLLIN) < 0 && errno == ENOENT)
		must(add(epfd, fd, EPOLLIN));
	if (add(epfd, fd, EPOLLIN | EPOLLOUT) < 0 && errno == EEXIST)
		must(modify(epfd, fd, EPOLLIN | EPOLLOUT));
	add(epfd, fd, EPOLLIN | EPOLLOUT); /* EEXIST, and just this is in force */
	must(epoll_wait(epfd, &event, 1, -1));
	close(fd);
	close(epfd);
}

static void wrong(void)
{
	struct epoll_event event;
	int epfd = instance(), fd = must(eventfd(1, EFD_CLOEXEC));
	modify(epfd, fd, EPOLLIN);
	epoll_wait(epfd, &event, 1, 1);
	close(fd);
	close(epfd);
}

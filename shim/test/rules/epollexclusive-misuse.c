/* An exclusive entry is modified in place; an instance is added exclusively. */
#include "rule.h"

static void right(void)
{
	int epfd = instance(), fd = must(eventfd(0, EFD_CLOEXEC));
	must(add(epfd, fd, EPOLLIN | EPOLLEXCLUSIVE));
	must(epoll_ctl(epfd, EPOLL_CTL_DEL, fd, NULL));
	must(add(epfd, fd, EPOLLIN | EPOLLOUT | EPOLLEXCLUSIVE));
	close(fd);
	close(epfd);
}

static void instance_added_exclusively(void)
{
	struct epoll_event event;
	int epfd = instance(), inner = instance();
	add(epfd, inner, EPOLLIN | EPOLLEXCLUSIVE);
	must(epoll_wait(epfd, &event, 1, 1));
	close(inner);
	close(epfd);
}

static void wrong(void)
{
	struct epoll_event event;
	int epfd = instance(), fd = must(eventfd(0, EFD_CLOEXEC));
	must(add(epfd, fd, EPOLLIN | EPOLLEXCLUSIVE));
	modify(epfd, fd, EPOLLIN | EPOLLOUT);
	must(epoll_wait(epfd, &event, 1, 1));
	close(fd);
	close(epfd);
	instance_added_exclusively();
}

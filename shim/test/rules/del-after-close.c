/* EPOLL_CTL_DEL before and after close. */
#include "rule.h"

static void right(void)
{
	int epfd = instance(), fd = must(eventfd(0, EFD_CLOEXEC));
	must(add(epfd, fd, EPOLLIN));
	must(epoll_ctl(epfd, EPOLL_CTL_DEL, fd, NULL));
	close(fd);
	fd = must(eventfd(0, EFD_CLOEXEC));
	must(add(epfd, fd, EPOLLIN));
	close(fd); /* close alone is enough */
	close(epfd);
}

static void wrong(void)
{
	int epfd = instance(), fd = must(eventfd(0, EFD_CLOEXEC));
	must(add(epfd, fd, EPOLLIN));
	close(fd);
	epoll_ctl(epfd, EPOLL_CTL_DEL, fd, NULL);
	close(epfd);
}

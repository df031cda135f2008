/* A bit of another interface is given to epoll. */
#include "rule.h"

static void right(void)
{
	int epfd = instance(), fd = must(eventfd(0, EFD_CLOEXEC));
	must(add(epfd, fd, EPOLLIN | EPOLLOUT | EPOLLPRI | EPOLLRDHUP | EPOLLET | EPOLLONESHOT));
	close(fd);
	close(epfd);
}

static void wrong(void)
{
	int epfd = instance(), fd = must(eventfd(0, EFD_CLOEXEC));
	must(add(epfd, fd, EPOLLIN | 0x00800000));
	close(fd);
	close(epfd);
}

/* An eventfd is read when it is reported; then it is not. */
#include "rule.h"

static void right(void)
{
	eventfd_t value;
	struct epoll_event event;
	int epfd = instance(), fd = must(eventfd(1, EFD_CLOEXEC));
	must(add(epfd, fd, EPOLLIN));
	must(epoll_wait(epfd, &event, 1, -1));
	must(eventfd_read(fd, &value));
	must(epoll_ctl(epfd, EPOLL_CTL_DEL, fd, NULL));
	must(eventfd_write(fd, 1));
	must(add(epfd, fd, EPOLLIN | EPOLLET)); /* edge-triggered, it need not be read */
	for (int i = 0; i < 2000; i++) {
		must(eventfd_write(fd, 1));
		must(epoll_wait(epfd, &event, 1, -1));
	}
	close(fd);
	close(epfd);
}

static void wrong(void)
{
	struct epoll_event event;
	int epfd = instance(), fd = must(eventfd(1, EFD_CLOEXEC));
	double since = now();
	must(add(epfd, fd, EPOLLIN));
	for (int i = 0; spinning(since, i); i++)
		must(epoll_wait(epfd, &event, 1, -1));
	close(fd);
	close(epfd);
}

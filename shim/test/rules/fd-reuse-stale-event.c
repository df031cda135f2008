/* A number that was reused is added again; then modified as if it were still the old file. */
#include "rule.h"

static int reused(int epfd)
{
	int fd = must(eventfd(1, EFD_CLOEXEC));
	must(add(epfd, fd, EPOLLIN));
	close(fd);
	int again = must(eventfd(1, EFD_CLOEXEC));
	if (again != fd)
		exit(99);
	return again;
}

static void right(void)
{
	struct epoll_event event;
	int epfd = instance(), fd = reused(epfd);
	if (modify(epfd, fd, EPOLLIN) < 0 && errno == ENOENT)
		must(add(epfd, fd, EPOLLIN));
	must(epoll_wait(epfd, &event, 1, -1));
	close(fd);
	close(epfd);
}

static void wrong(void)
{
	struct epoll_event event;
	int epfd = instance(), fd = reused(epfd);
	modify(epfd, fd, EPOLLIN);
	must(epoll_wait(epfd, &event, 1, 1));
	close(fd);
	close(epfd);
}

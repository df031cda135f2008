/* Masks that change, one-shots and edges armed anew; then the same mask over and over. */
#include "rule.h"

enum { ENOUGH = 12000 };

static void right(void)
{
	int epfd = instance(), fd = must(eventfd(0, EFD_CLOEXEC));
	must(add(epfd, fd, EPOLLIN));
	for (int i = 0; i < ENOUGH; i++)
		must(modify(epfd, fd, i & 1 ? EPOLLIN : EPOLLIN | EPOLLPRI));
	must(modify(epfd, fd, EPOLLIN | EPOLLONESHOT));
	for (int i = 0; i < ENOUGH; i++)
		must(modify(epfd, fd, EPOLLIN | EPOLLONESHOT));
	must(modify(epfd, fd, EPOLLIN | EPOLLET));
	for (int i = 0; i < ENOUGH; i++)
		must(modify(epfd, fd, EPOLLIN | EPOLLET));
	for (int i = 0; i < ENOUGH; i++) {
		struct epoll_event event = {.events = EPOLLIN, .data.u64 = (unsigned)(i & 1)};
		must(epoll_ctl(epfd, EPOLL_CTL_MOD, fd, &event));
	}
	close(fd);
	close(epfd);
}

static void wrong(void)
{
	int epfd = instance(), fd = must(eventfd(0, EFD_CLOEXEC));
	must(add(epfd, fd, EPOLLIN));
	for (int i = 0; i < 2 * ENOUGH; i++)
		must(modify(epfd, fd, EPOLLIN));
	close(fd);
	close(epfd);
}

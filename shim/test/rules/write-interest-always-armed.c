/* Write interest is dropped once everything is sent; then it stays. */
#include "rule.h"

#ifndef __GLIBC__ /* musl 1.2.3 has no pwritev2 */
#define pwritev2(fd, vector, count, offset, flags) writev(fd, vector, count)
#endif

#include <sys/syscall.h>
#include <sys/uio.h>

/* Each of these serves the event, though it is none of write, send and their kin. */
static void wrote(int fd, int round)
{
	struct iovec part = {(void *)"x", 1};
	switch (round % 4) {
	case 0:
		must(dprintf(fd, "%d", round % 10));
		break;
	case 1:
		must((int)pwritev2(fd, &part, 1, -1, 0));
		break;
	case 2:
		must((int)vmsplice(fd, &part, 1, 0));
		break;
	default:
		must((int)syscall(SYS_vmsplice, fd, &part, 1, 0));
	}
}

static void served_otherwise(void)
{
	struct epoll_event event;
	char byte;
	int epfd = instance(), ends[2];
	must(pipe2(ends, O_CLOEXEC));
	must(add(epfd, ends[1], EPOLLOUT));
	double since = now();
	for (int i = 0; spinning(since, i); i++) {
		must(epoll_wait(epfd, &event, 1, -1));
		wrote(ends[1], i);
		must((int)read(ends[0], &byte, 1));
	}
	close(ends[0]);
	close(ends[1]);
	close(epfd);
}

static void right(void)
{
	served_otherwise();
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

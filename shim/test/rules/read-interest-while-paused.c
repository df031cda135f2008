/* A reader that pauses drops its interest; then keeps it and does not read. */
#include "rule.h"

#ifndef __GLIBC__ /* musl 1.2.3 has no preadv2 */
#define preadv2(fd, vector, count, offset, flags) readv(fd, vector, count)
#endif

#include <sys/uio.h>
#include <termios.h>

/* preadv2 with offset -1 reads, tee(2) shows the program at work, tcflush(3) throws input away. */
static void served_otherwise(void)
{
	struct pollfd p[2];
	char byte;
	struct iovec part = {&byte, 1};
	int ends[2], other[2];
	int terminal = must(posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
	must(grantpt(terminal) | unlockpt(terminal));
	int slave = must(open(ptsname(terminal), O_RDWR | O_NOCTTY | O_CLOEXEC));
	must(pipe2(ends, O_CLOEXEC | O_NONBLOCK) | pipe2(other, O_CLOEXEC | O_NONBLOCK));
	p[0] = (struct pollfd){.fd = ends[0], .events = POLLIN};
	p[1] = (struct pollfd){.fd = slave, .events = POLLIN};
	double since = now();
	for (int i = 0; spinning(since, i); i++) {
		must((int)write(ends[1], "x", 1));
		must((int)write(terminal, "\n", 1));
		must(poll(&p[0], 1, -1));
		must((int)preadv2(ends[0], &part, 1, -1, 0));
		must(poll(&p[1], 1, -1));
		must(tcflush(slave, TCIFLUSH));
	}
	must((int)write(ends[1], "x", 1));
	since = now();
	for (int i = 0; spinning(since, i); i++) {
		must(poll(&p[0], 1, -1));
		must((int)tee(ends[0], other[1], 1, 0));
		must((int)read(other[0], &byte, 1));
	}
	for (int i = 0; i < 2; i++)
		must(close(ends[i]) | close(other[i]));
	must(close(slave) | close(terminal));
}

static void right(void)
{
	served_otherwise();
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

/* A limit of a million descriptors, and one with the highest number: used, and little memory taken.
 */
#include "use.h"

#include <stdio.h>

static long resident_kib(void)
{
	static char text[8192];
	int fd = syscall(SYS_openat, AT_FDCWD, "/proc/self/status", O_RDONLY);
	ssize_t size = syscall(SYS_read, fd, text, sizeof text - 1);
	syscall(SYS_close, fd);
	must(size > 0, "/proc/self/status");
	text[size] = 0;
	return atol(strstr(text, "VmRSS:") + 6);
}

static rlim_t raise_limit(void)
{
	struct rlimit limit = {1 << 20, 1 << 20}, now;
	if (setrlimit(RLIMIT_NOFILE, &limit) == 0)
		return limit.rlim_cur;
	must(!getrlimit(RLIMIT_NOFILE, &now), "getrlimit");
	now.rlim_cur = now.rlim_max;
	must(!prlimit(0, RLIMIT_NOFILE, &now, NULL), "prlimit");
	return now.rlim_cur;
}

static int select_high(int fd)
{
	size_t size = ((size_t)fd / 64 + 1) * 8;
	unsigned long *set = calloc(1, size);
	struct timeval zero = {0, 0};
	set[fd / 64] |= 1UL << fd % 64;
	int ready = select(fd + 1, (fd_set *)set, NULL, NULL, &zero);
	free(set);
	return ready;
}

int main(void)
{
	must(used(), "use");
	int high = (int)raise_limit() - 1, ends[2], set = epoll_create1(0);
	struct epoll_event event = {EPOLLIN, {.fd = high}};
	must(!pipe(ends) && write(ends[1], "x", 1) == 1, "pipe");
	long before = resident_kib();
	must(dup2(ends[0], high) == high, "dup2");
	struct pollfd fd = {high, POLLIN, 0};
	must(!epoll_ctl(set, EPOLL_CTL_ADD, high, &event), "epoll_ctl");
	must(epoll_wait(set, &event, 1, 0) == 1 && event.data.fd == high, "epoll_wait");
	must(poll(&fd, 1, 0) == 1 && select_high(high) == 1, "poll and select");
	must(fcntl(ends[0], F_DUPFD, high - 5) == high - 5, "F_DUPFD");
	must(!close_range(high - 5, ~0U, 0) && close(high) == -1, "close_range");
	must(used() && misused(), "afterwards");
	long grown = resident_kib() - before;
	dprintf(1, "number at least 16383: %d, grown by less than 4 MiB: %d\n", high >= 16383,
		grown < 4096);
	return 0;
}

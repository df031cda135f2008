/* poll takes any number; select's variables of type fd_set end at 1023. */
#include "rule.h"

static int high(void)
{
	struct rlimit limit;
	must(getrlimit(RLIMIT_NOFILE, &limit));
	limit.rlim_cur = 2048;
	must(setrlimit(RLIMIT_NOFILE, &limit));
	int fd = must(eventfd(1, EFD_CLOEXEC)), copy = must(fcntl(fd, F_DUPFD_CLOEXEC, 1100));
	close(fd);
	return copy;
}

static void right(void)
{
	struct pollfd p = {.fd = high(), .events = POLLIN};
	must(poll(&p, 1, -1));
	close(p.fd);
}

static void wrong(void)
{
	/* room behind the sets, so that the overrun it provokes hits nothing else */
	struct {
		fd_set readfds, writefds, spare;
	} sets;
	struct timeval none = {0, 0};
	int fd = high();
	FD_ZERO(&sets.readfds);
	FD_SET(0, &sets.readfds);
	must(select(1, &sets.readfds, NULL, NULL, &none));
	memset(&sets, 0, sizeof(sets));
	select(fd + 1, &sets.readfds, &sets.writefds, NULL, &none);
	close(fd);
}

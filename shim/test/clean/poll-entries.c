/* level: note. What poll allows: no entries at all, as a sleep; entries with a negative number,
 * which are skipped; events = 0, to learn of a hang-up alone; a probe with timeout 0 of one
 * descriptor, an open one or not; an entry each for the two directions of one descriptor. */
#include "clean.h"

static void as_a_sleep(void)
{
	for (int i = 0; i < 20; i++)
		must(poll(NULL, 0, 5));
}

static void skipped(int fd)
{
	struct pollfd fds[4] = {{.fd = -1}, {.fd = fd, .events = POLLIN}, {.fd = -1}, {.fd = -1}};
	for (int i = 0; i < 20; i++)
		must(poll(fds, 4, 2));
}

static void hang_up_alone(void)
{
	int pair[2];
	char text[8];
	must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
	struct pollfd p = {.fd = pair[0]};
	must((int)write(pair[1], "unread", 6));
	must(poll(&p, 1, 10));
	close(pair[1]);
	if (must(poll(&p, 1, 1000)) != 1 || p.revents != POLLHUP)
		exit(99);
	must((int)read(pair[0], text, sizeof(text)));
	close(pair[0]);
}

static void probes(int fd)
{
	struct pollfd open_one = {.fd = fd, .events = POLLIN}, none = {.fd = 999, .events = POLLIN};
	for (int i = 0; i < 1000; i++) {
		must(poll(&open_one, 1, 0));
		if (must(poll(&none, 1, 0)) != 1 || none.revents != POLLNVAL)
			exit(99);
	}
}

static void two_entries(int fd)
{
	struct pollfd fds[2] = {{.fd = fd, .events = POLLIN}, {.fd = fd, .events = POLLPRI}};
	for (int i = 0; i < 20; i++)
		must(poll(fds, 2, 1));
}

int main(void)
{
	int fd = must(eventfd(0, EFD_CLOEXEC));
	as_a_sleep();
	skipped(fd);
	hang_up_alone();
	probes(fd);
	two_entries(fd);
	close(fd);
	return 0;
}

/* The timeval is set before every select, or spent as one budget; then set once for ever. */
#include "rule.h"

#include <sys/time.h>

static int waited(int fd, struct timeval *timeout)
{
	fd_set readfds;
	FD_ZERO(&readfds);
	FD_SET(fd, &readfds);
	return must(select(fd + 1, &readfds, NULL, NULL, timeout));
}

static void set_each_time(int idle, int ready)
{
	for (int i = 0; i < 40; i++) {
		struct timeval timeout = {0, 1000};
		waited(i % 2 ? ready : idle, &timeout);
	}
}

/* It ends when the budget does, and the next one begins. */
static void spend_a_budget(int fd)
{
	for (int i = 0; i < 3; i++) {
		struct timeval timeout = {0, 20000};
		eventfd_t count;
		for (int events = 3; waited(fd, &timeout) > 0; events--) {
			must(eventfd_read(fd, &count));
			if (events > 0)
				must(eventfd_write(fd, 1));
		}
		must(eventfd_write(fd, 1));
	}
}

/* After a wait in vain it has work of its own, and only looks whether anything came in. */
static void work_between_probes(int fd)
{
	struct timeval timeout = {0, 1000};
	waited(fd, &timeout);
	double since = now();
	while (now() - since < 0.7) {
		double step = now();
		while (now() - step < 0.00004)
			;
		timeout.tv_sec = timeout.tv_usec = 0;
		waited(fd, &timeout);
	}
}

static void right(void)
{
	int idle = must(eventfd(0, EFD_CLOEXEC)), ready = must(eventfd(1, EFD_CLOEXEC));
	set_each_time(idle, ready);
	spend_a_budget(ready);
	work_between_probes(idle);
	close(idle);
	close(ready);
}

/* Some of the time is left by an early event: the rest, and then the rest of that, is reused. */
static void reuse_what_was_left(void)
{
	struct timeval timeout = {0, 30000};
	int fd = must(eventfd(1, EFD_CLOEXEC));
	eventfd_t count;
	double since = now();
	for (int i = 0; spinning(since, i); i++) {
		fd_set readfds;
		FD_ZERO(&readfds);
		FD_SET(fd, &readfds);
		if (must(select(fd + 1, &readfds, NULL, NULL, &timeout)) > 0)
			must(eventfd_read(fd, &count));
		if (i == 0)
			must(eventfd_write(fd, 1));
	}
	close(fd);
}

static void never_set_again(void)
{
	struct timeval timeout = {0, 1000};
	int fd = must(eventfd(0, EFD_CLOEXEC));
	double since = now();
	for (int i = 0; i < 2000 || now() - since < 1; i++) {
		fd_set readfds;
		FD_ZERO(&readfds);
		FD_SET(fd, &readfds);
		must(select(fd + 1, &readfds, NULL, NULL, &timeout));
	}
	close(fd);
}

static void wrong(void)
{
	reuse_what_was_left();
	never_set_again();
}

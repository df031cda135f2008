/* Sets are set before every select; then once, and passed again as select leaves them. */
#include "rule.h"

#include <signal.h>
#include <sys/time.h>

static int selected(int nfds, fd_set *readfds, long microseconds)
{
	struct timeval timeout = {0, microseconds};
	return must(select(nfds, readfds, NULL, NULL, &timeout));
}

static void set_again_each_time(int idle, int ready)
{
	for (int i = 0; i < 40; i++) {
		fd_set readfds;
		FD_ZERO(&readfds);
		FD_SET(idle, &readfds);
		if (i % 2)
			FD_SET(ready, &readfds);
		selected(ready + 1, &readfds, 1000);
	}
}

/* By intent only the one that spoke is listened to, whatever waits on the other. */
static void one_at_a_time(int one, int other)
{
	fd_set readfds;
	FD_ZERO(&readfds);
	FD_SET(one, &readfds);
	FD_SET(other, &readfds);
	for (int i = 0; i < 40; i++) {
		selected(other + 1, &readfds, 1000);
		if (i == 0)
			must(eventfd_write(one, 1));
		FD_CLR(one, &readfds);
		FD_SET(other, &readfds);
	}
}

/* Both have said what was awaited, and are closed or kept for later; the ticks go on. */
static void nothing_left_to_watch(int kept, int closed)
{
	fd_set readfds;
	FD_ZERO(&readfds);
	FD_SET(kept, &readfds);
	FD_SET(closed, &readfds);
	selected(closed + 1, &readfds, 1000);
	close(closed);
	FD_ZERO(&readfds);
	for (int i = 0; i < 20; i++)
		selected(closed + 1, &readfds, 1000);
}

static void right(void)
{
	int idle = must(eventfd(0, EFD_CLOEXEC)), ready = must(eventfd(1, EFD_CLOEXEC));
	set_again_each_time(idle, ready);
	one_at_a_time(idle, ready);
	nothing_left_to_watch(idle, must(fcntl(ready, F_DUPFD_CLOEXEC, ready + 1)));
	close(idle);
	close(ready);
}

static void empty_after_a_timeout(void)
{
	int fd = must(eventfd(0, EFD_CLOEXEC));
	fd_set readfds;
	FD_ZERO(&readfds);
	FD_SET(fd, &readfds);
	for (int i = 0; i < 12; i++) {
		struct timeval timeout = {0, 1000};
		if (must(select(fd + 1, &readfds, NULL, NULL, &timeout)) == 0)
			must(eventfd_write(fd, 1));
	}
	close(fd);
}

static void dropped_one_by_one(void)
{
	int fds[3];
	fd_set readfds;
	FD_ZERO(&readfds);
	for (int i = 0; i < 3; i++) {
		fds[i] = must(eventfd(i < 2, EFD_CLOEXEC));
		FD_SET(fds[i], &readfds);
	}
	for (int i = 0; i < 8; i++) {
		eventfd_t count;
		struct timeval timeout = {1, 0};
		must(select(fds[2] + 1, &readfds, NULL, NULL, &timeout));
		if (i == 0)
			must(eventfd_read(fds[1], &count));
		must(eventfd_write(fds[2], 1));
	}
	for (int i = 0; i < 3; i++)
		close(fds[i]);
}

static void ring(int number)
{
	(void)number;
}

static void deaf_without_limit(void)
{
	struct sigaction action = {.sa_handler = ring, .sa_flags = SA_RESTART};
	struct itimerval soon = {{0, 20000}, {0, 20000}}, off = {{0, 0}, {0, 0}};
	struct timeval timeout = {0, 1000}, *limit = &timeout;
	int fd = must(eventfd(0, EFD_CLOEXEC)), result;
	fd_set readfds;
	FD_ZERO(&readfds);
	FD_SET(fd, &readfds);
	must(sigaction(SIGALRM, &action, NULL));
	while ((result = select(fd + 1, &readfds, NULL, NULL, limit)) == 0) {
		limit = NULL;
		must(setitimer(ITIMER_REAL, &soon, NULL));
	}
	must(setitimer(ITIMER_REAL, &off, NULL));
	if (result != -1 || errno != EINTR)
		exit(99);
	close(fd);
}

static void wrong(void)
{
	empty_after_a_timeout();
	dropped_one_by_one();
	deaf_without_limit();
}

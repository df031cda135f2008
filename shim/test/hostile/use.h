/* What every hostile program does in its surroundings: a round of right calls, and a round of wrong
 * ones whose failures are exactly the kernel's. Both may run in a signal handler. */
#ifndef HOSTILE_USE_H
#define HOSTILE_USE_H

#include "calls.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>

#define UNUSED __attribute__((unused))

enum { NEVER_OPEN = 1019 };

UNUSED static void must(int holds, const char *what)
{
	if (holds)
		return;
	dprintf(1, "failed: %s: %m\n", what);
	_exit(99);
}

/* pipe, epoll, poll, select, read, write, dup and close, each with the only right answer. */
UNUSED static int used(void)
{
	int ends[2], set = epoll_create1(EPOLL_CLOEXEC), saved = errno;
	struct epoll_event event = {EPOLLIN, {.u64 = 77}};
	struct timeval zero = {0, 0};
	fd_set readable;
	char byte = 0;
	if (pipe(ends) != 0)
		return 0;
	struct pollfd fd = {ends[0], POLLIN, 0};
	int right = epoll_ctl(set, EPOLL_CTL_ADD, ends[0], &event) == 0 &&
		    epoll_wait(set, &event, 1, 0) == 0 && poll(&fd, 1, 0) == 0 &&
		    write(ends[1], "x", 1) == 1 && epoll_wait(set, &event, 1, -1) == 1 &&
		    event.data.u64 == 77 && poll(&fd, 1, -1) == 1 && fd.revents == POLLIN;
	if (right && ends[0] < FD_SETSIZE) {
		FD_ZERO(&readable);
		FD_SET(ends[0], &readable);
		right = select(ends[0] + 1, &readable, NULL, NULL, &zero) == 1;
	}
	int copy = dup(ends[0]);
	right = right && read(copy, &byte, 1) == 1 && byte == 'x' &&
		epoll_ctl(set, EPOLL_CTL_DEL, ends[0], NULL) == 0;
	right = close(copy) == 0 && close(ends[0]) == 0 && close(ends[1]) == 0 && close(set) == 0 &&
		right;
	errno = saved;
	return right;
}

/* Each of these is worth a finding. */
UNUSED static int misused(void)
{
	int set = epoll_create1(0), other = epoll_create1(0), saved = errno;
	struct epoll_event event = {EPOLLIN, {0}};
	struct pollfd fd = {NEVER_OPEN, POLLIN, 0};
	int right = epoll_wait(set, &event, 0, 0) == -1 && errno == EINVAL;
	right = epoll_ctl(set, EPOLL_CTL_ADD, NEVER_OPEN, &event) == -1 && errno == EBADF && right;
	right = epoll_ctl(set, EPOLL_CTL_MOD, other, &event) == -1 && errno == ENOENT && right;
	right = poll(&fd, 1, 0) == 1 && fd.revents == POLLNVAL && right;
	right = close(set) == 0 && close(other) == 0 && right;
	errno = saved;
	return right;
}

UNUSED static void on_signal(int number, void (*function)(int), int flags)
{
	struct sigaction action = {.sa_handler = function, .sa_flags = flags};
	must(sigaction(number, &action, NULL) == 0, "sigaction");
}

/* SIGALRM again and again: one that comes too early is followed by another. */
UNUSED static void alarms(int microseconds)
{
	struct itimerval every = {{0, microseconds}, {0, microseconds}};
	must(setitimer(ITIMER_REAL, &every, NULL) == 0, "setitimer");
}

/* What was left open, by accident or by us, moves it. */
UNUSED static void show_lowest_descriptor(void)
{
	int lowest = fcntl(0, F_DUPFD, 3);
	dprintf(1, "the lowest free descriptor is %d\n", lowest);
	close(lowest);
}

UNUSED static int exit_status(pid_t pid)
{
	int status = 0;
	must(pid > 0 && waitpid(pid, &status, 0) == pid, "child");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

#endif

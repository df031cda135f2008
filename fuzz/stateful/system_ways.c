/* The two ways a step is taken. */
#include "system.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

long (*bare_call)(long number, ...);

/* --- bare: the C library's own syscall(2), past whatever else has that name --- */

static int bare_pipe2(int *fds, int flags)
{
	return (int)bare_call(SYS_pipe2, fds, flags);
}

static int bare_socketpair(int family, int type, int protocol, int *fds)
{
	return (int)bare_call(SYS_socketpair, family, type, protocol, fds);
}

static int bare_socket(int family, int type, int protocol)
{
	return (int)bare_call(SYS_socket, family, type, protocol);
}

static int bare_connect(int fd, const struct sockaddr *address, socklen_t size)
{
	return (int)bare_call(SYS_connect, fd, address, size);
}

static int bare_accept4(int fd, struct sockaddr *address, socklen_t *size, int flags)
{
	return (int)bare_call(SYS_accept4, fd, address, size, flags);
}

static int bare_eventfd(unsigned value, int flags)
{
	return (int)bare_call(SYS_eventfd2, value, flags);
}

static int bare_epoll_create1(int flags)
{
	return (int)bare_call(SYS_epoll_create1, flags);
}

static int bare_open(const char *path, int flags)
{
	return (int)bare_call(SYS_openat, AT_FDCWD, path, flags, 0);
}

static int bare_dup(int fd)
{
	return (int)bare_call(SYS_dup, fd);
}

static int bare_dup_from(int fd, int lowest)
{
	return (int)bare_call(SYS_fcntl, fd, F_DUPFD, lowest);
}

static int bare_dup3(int from, int to, int flags)
{
	return (int)bare_call(SYS_dup3, from, to, flags);
}

/* dup2(2) of a number to itself is a question, dup3(2) of it an error. */
static int bare_dup2(int from, int to)
{
	if (from == to)
		return bare_call(SYS_fcntl, from, F_GETFD) < 0 ? -1 : to;
	return bare_dup3(from, to, 0);
}

static int bare_close(int fd)
{
	return (int)bare_call(SYS_close, fd);
}

static int bare_close_range(unsigned first, unsigned last, int flags)
{
	return (int)bare_call(SYS_close_range, first, last, flags);
}

static ssize_t bare_read(int fd, void *to, size_t size)
{
	return bare_call(SYS_read, fd, to, size);
}

static ssize_t bare_write(int fd, const void *from, size_t size)
{
	return bare_call(SYS_write, fd, from, size);
}

static int bare_shutdown(int fd, int how)
{
	return (int)bare_call(SYS_shutdown, fd, how);
}

static int bare_epoll_ctl(int epfd, int op, int fd, struct epoll_event *event)
{
	return (int)bare_call(SYS_epoll_ctl, epfd, op, fd, event);
}

static int bare_epoll_wait(
	int epfd, struct epoll_event *events, int maxevents, int timeout, unsigned how)
{
	(void)how;
	return (int)bare_call(SYS_epoll_pwait, epfd, events, maxevents, timeout, NULL, 8L);
}

static int bare_poll(struct pollfd *fds, nfds_t nfds, int timeout)
{
	struct timespec time = {0, timeout * 1000000L};
	return (int)bare_call(SYS_ppoll, fds, nfds, &time, NULL, 8L);
}

static int bare_select(int nfds, fd_set *readfds, fd_set *writefds, fd_set *exceptfds)
{
	struct timespec time = {0, 0};
	return (int)bare_call(SYS_pselect6, nfds, readfds, writefds, exceptfds, &time, NULL);
}

/* Its memory is ours, as to copy it takes longer than all the rest of a program. What it shares it
 * leaves alone: its calls do not fail, so errno stays, and no handler of ours runs there. */
static pid_t bare_fork(void)
{
	static char stack[16384] __attribute__((aligned(16)));
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	pid_t child = clone(
		system_stay, stack + sizeof(stack), CLONE_VM | SIGCHLD, (void *)(intptr_t)getpid());
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return child;
}

const struct system bare = {"bare", bare_pipe2, bare_socketpair, bare_socket, bare_connect,
	bare_accept4, bare_eventfd, bare_epoll_create1, bare_open, bare_dup, bare_dup_from,
	bare_dup2, bare_dup3, bare_close, bare_close_range, bare_read, bare_write, bare_shutdown,
	bare_epoll_ctl, bare_epoll_wait, bare_poll, bare_select, bare_fork};

/* --- by the library's names --- */

static int library_open(const char *path, int flags)
{
	return open(path, flags);
}

static int library_dup_from(int fd, int lowest)
{
	return fcntl(fd, F_DUPFD, lowest);
}

static int library_epoll_wait(
	int epfd, struct epoll_event *events, int maxevents, int timeout, unsigned how)
{
	struct timespec time = {0, timeout * 1000000L};
	switch (how & 3) {
	case 1:
		return epoll_pwait(epfd, events, maxevents, timeout, NULL);
	case 2:
		return epoll_pwait2(epfd, events, maxevents, &time, NULL);
	case 3:
		return (int)syscall(SYS_epoll_pwait, epfd, events, maxevents, timeout, NULL, 8L);
	default:
		return epoll_wait(epfd, events, maxevents, timeout);
	}
}

static int library_select(int nfds, fd_set *readfds, fd_set *writefds, fd_set *exceptfds)
{
	struct timeval time = {0, 0};
	return select(nfds, readfds, writefds, exceptfds, &time);
}

const struct system library = {"library", pipe2, socketpair, socket, connect, accept4, eventfd,
	epoll_create1, library_open, dup, library_dup_from, dup2, dup3, close, close_range, read,
	write, shutdown, epoll_ctl, library_epoll_wait, poll, library_select, fork};

/* --- once --- */

static void limit(__rlimit_resource_t resource, rlim_t most)
{
	struct rlimit limit;
	getrlimit(resource, &limit);
	limit.rlim_cur = limit.rlim_max < most ? limit.rlim_max : most;
	setrlimit(resource, &limit);
}

int base = PROBE + 1;

/* Takes what is free below base. */
static void take_lower(void)
{
	long fd = 0;
	while (fd >= 0 && fd < base)
		fd = bare_call(SYS_openat, AT_FDCWD, "/dev/null", O_RDWR | O_CLOEXEC, 0);
	bare_call(SYS_close, fd);
}

void system_settles(void)
{
	struct pollfd fds[NUMBERS];
	bool free = false;
	while (!free) {
		for (int i = 0; i < NUMBERS; i++)
			fds[i] = (struct pollfd){base + i, 0, 0};
		bare_poll(fds, NUMBERS, 0);
		free = true;
		for (int i = 0; i < NUMBERS; i++)
			free &= fds[i].revents == POLLNVAL;
		base += free ? 0 : NUMBERS;
		if (!free)
			take_lower();
	}
}

void system_begins(void)
{
	void *libc = dlopen("libc.so.6", RTLD_LAZY | RTLD_NOLOAD);
	bare_call = (long (*)(long, ...))dlsym(libc, "syscall");
	signal(SIGPIPE, SIG_IGN);
	limit(RLIMIT_NOFILE, 1024);
	limit(RLIMIT_CORE, 0);
	take_lower();
	long probe = bare_call(SYS_epoll_create1, 0);
	bare_call(SYS_dup3, probe, PROBE, 0);
	bare_call(SYS_close, probe);
	connections_begin();
}

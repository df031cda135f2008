/* The altered calls: each asks the C library's own, found behind us in the search order. */
#include "alter.h"

#include <dlfcn.h>
#include <sys/uio.h>
#include <unistd.h>

#define NEXT(name) ((__typeof__(name) *)dlsym(RTLD_NEXT, #name))

/* Tests pass bad pointers on purpose: they must go on to the kernel as they are. */
static bool readable(const void *address, size_t size)
{
	char copy[256];
	struct iovec here = {copy, size}, there = {(void *)address, size};
	int kept = errno;
	bool read = process_vm_readv(getpid(), &here, 1, &there, 1, 0) == (ssize_t)size;
	errno = kept;
	return read;
}

int epoll_create(int size)
{
	struct altered a = {.size = size};
	apply(CREATE_ASKED, &a);
	return (int)answered(CREATE_ANSWERED, &a,
		a.flags ? NEXT(epoll_create1)(a.flags) : NEXT(epoll_create)(a.size));
}

int epoll_create1(int flags)
{
	struct altered a = {.flags = flags, .size = 1};
	apply(CREATE_ASKED, &a);
	return (int)answered(CREATE_ANSWERED, &a, NEXT(epoll_create1)(a.flags));
}

int epoll_ctl(int epfd, int op, int fd, struct epoll_event *event)
{
	struct altered a = {.op = op, .fd = fd};
	a.has_event = op != EPOLL_CTL_DEL && readable(event, sizeof(*event));
	if (a.has_event)
		a.event = *event;
	apply(CTL_ASKED, &a);
	return (int)answered(
		CTL_ANSWERED, &a, NEXT(epoll_ctl)(epfd, a.op, fd, a.has_event ? &a.event : event));
}

int epoll_wait(int epfd, struct epoll_event *events, int maxevents, int timeout)
{
	struct altered a = {.events = events, .room = maxevents, .milliseconds = timeout};
	apply(WAIT_ASKED, &a);
	return (int)answered(
		WAIT_ANSWERED, &a, NEXT(epoll_wait)(epfd, events, a.room, a.milliseconds));
}

int epoll_pwait(
	int epfd, struct epoll_event *events, int maxevents, int timeout, const sigset_t *sigmask)
{
	struct altered a = {
		.events = events, .room = maxevents, .milliseconds = timeout, .sigmask = sigmask};
	apply(WAIT_ASKED, &a);
	return (int)answered(WAIT_ANSWERED, &a,
		NEXT(epoll_pwait)(epfd, events, a.room, a.milliseconds, a.sigmask));
}

static void take_time(struct altered *a, const struct timespec *timeout)
{
	if (timeout && readable(timeout, sizeof(*timeout))) {
		a->time = *timeout;
		a->timespec = &a->time;
	}
}

int epoll_pwait2(int epfd, struct epoll_event *events, int maxevents,
	const struct timespec *timeout, const sigset_t *sigmask)
{
	struct altered a = {.call = PWAIT2,
		.events = events,
		.room = maxevents,
		.milliseconds = 1,
		.sigmask = sigmask};
	take_time(&a, timeout);
	bool bad = timeout && !a.timespec;
	apply(WAIT_ASKED, &a);
	return (int)answered(WAIT_ANSWERED, &a,
		NEXT(epoll_pwait2)(epfd, events, a.room, bad ? timeout : a.timespec, a.sigmask));
}

int poll(struct pollfd *fds, nfds_t nfds, int timeout)
{
	struct altered a = {.fds = fds, .nfds = (long)nfds, .milliseconds = timeout};
	apply(POLL_ASKED, &a);
	return (int)answered(POLL_ANSWERED, &a, NEXT(poll)(fds, (nfds_t)a.nfds, a.milliseconds));
}

int ppoll(struct pollfd *fds, nfds_t nfds, const struct timespec *timeout, const sigset_t *sigmask)
{
	struct altered a = {.call = PPOLL,
		.fds = fds,
		.nfds = (long)nfds,
		.milliseconds = 1,
		.sigmask = sigmask};
	take_time(&a, timeout);
	bool bad = timeout && !a.timespec;
	apply(POLL_ASKED, &a);
	return (int)answered(POLL_ANSWERED, &a,
		NEXT(ppoll)(fds, (nfds_t)a.nfds, bad ? timeout : a.timespec, a.sigmask));
}

static struct altered select_call(int nfds, fd_set *readfds, fd_set *writefds, fd_set *exceptfds)
{
	struct altered a = {.nfds = nfds, .sets = {readfds, writefds, exceptfds}};
	for (int i = 0; i < 3; i++)
		if (a.sets[i] && !readable(a.sets[i], sizeof(fd_set)))
			a.sets[i] = NULL;
	return a;
}

int select(int nfds, fd_set *readfds, fd_set *writefds, fd_set *exceptfds, struct timeval *timeout)
{
	struct altered a = select_call(nfds, readfds, writefds, exceptfds);
	a.timeval = timeout && readable(timeout, sizeof(*timeout)) ? timeout : NULL;
	apply(SELECT_ASKED, &a);
	return (int)answered(SELECT_ANSWERED, &a,
		NEXT(select)((int)a.nfds, readfds, writefds, exceptfds, timeout));
}

int pselect(int nfds, fd_set *readfds, fd_set *writefds, fd_set *exceptfds,
	const struct timespec *timeout, const sigset_t *sigmask)
{
	struct altered a = select_call(nfds, readfds, writefds, exceptfds);
	a.sigmask = sigmask;
	take_time(&a, timeout);
	bool bad = timeout && !a.timespec;
	apply(SELECT_ASKED, &a);
	return (int)answered(SELECT_ANSWERED, &a,
		NEXT(pselect)((int)a.nfds, readfds, writefds, exceptfds, bad ? timeout : a.timespec,
			a.sigmask));
}

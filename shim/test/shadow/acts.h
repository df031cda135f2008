/* What the programs do with descriptors, each thing in every way the library should see. */
#ifndef SHADOW_ACTS_H
#define SHADOW_ACTS_H

#include "compare.h"

#include <linux/close_range.h>
#include <signal.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>

/* Numbers that probably are epoll instances: chance alone would rarely find them. */
static _Atomic bool maybe_epoll[HIGHEST];

/* --- event masks and data --- */

static const uint32_t bits[] = {EPOLLIN, EPOLLOUT, EPOLLPRI, EPOLLRDHUP, EPOLLERR, EPOLLHUP,
	EPOLLRDNORM, EPOLLRDBAND, EPOLLWRNORM, EPOLLWRBAND, EPOLLMSG, EPOLLWAKEUP};
enum { BITS = sizeof(bits) / sizeof(bits[0]) };

static uint32_t some_mask(int op)
{
	if (op == EPOLL_CTL_ADD && one_in(8)) /* what epoll_ctl(2) allows beside EPOLLEXCLUSIVE */
		return EPOLLEXCLUSIVE | (one_in(2) ? EPOLLIN : EPOLLOUT) |
		       (one_in(2) ? EPOLLET : 0);
	uint32_t mask = one_in(3) ? EPOLLONESHOT : 0;
	mask |= one_in(4) ? EPOLLET : 0;
	mask |= one_in(32) ? EPOLLEXCLUSIVE : 0;
	for (int i = 0; i < BITS; i++)
		mask |= one_in(i < 2 ? 2 : 8) ? bits[i] : 0;
	return mask;
}

enum style {
	NUMBER,
	POINTER,
	ITS_POINTER,
	GENERATION,
	OWN_DATA,
	INDEX = OWN_DATA,
	ONE_POINTER,
	MIXED
};
#define POINTERS     0x7f0000000000u
#define ITS_POINTERS 0x560000000000u
#define THE_POINTER  0x55550000u

static _Thread_local enum style style;

/* No datum is given twice: the library can be sure which one-shot fired. */
static bool own_data;

static uint64_t some_data(int fd)
{
	static _Atomic uint64_t made;
	if (one_in(64))
		style = (enum style)below(own_data ? OWN_DATA : MIXED + 1);
	switch (style == MIXED ? (enum style)below(MIXED) : style) {
	case NUMBER:
		return (uint32_t)fd;
	case POINTER:
		return POINTERS + 64 * atomic_fetch_add(&made, 1);
	case ITS_POINTER:
		return ITS_POINTERS + 64 * (uint64_t)fd;
	case GENERATION:
		return (uint32_t)fd | (atomic_fetch_add(&made, 1) + 1) << 32;
	case INDEX:
		return below(32);
	default:
		return THE_POINTER;
	}
}

/* --- epoll_ctl and the waits --- */

UNUSED static int act_ctl_op(int epfd, int op, int fd)
{
	static const char *const names[] = {"", "EPOLL_CTL_ADD", "EPOLL_CTL_DEL", "EPOLL_CTL_MOD"};
	struct epoll_event event = {some_mask(op), {.u64 = some_data(fd)}};
	struct epoll_event *given = op == EPOLL_CTL_DEL ? NULL : &event;
	long result = one_in(4) ? syscall(SYS_epoll_ctl, epfd, op, fd, given)
				: epoll_ctl(epfd, op, fd, given);
	return noted(names[op], epfd, fd, given, result);
}

UNUSED static int act_ctl(int epfd, int fd)
{
	static const int ops[] = {EPOLL_CTL_ADD, EPOLL_CTL_ADD, EPOLL_CTL_MOD, EPOLL_CTL_DEL};
	return act_ctl_op(epfd, ops[below(4)], fd);
}

static int wait_somehow(int epfd, struct epoll_event *events, int maxevents)
{
	static const struct timespec zero;
	switch (below(4)) {
	case 0:
		return epoll_wait(epfd, events, maxevents, 0);
	case 1:
		return epoll_pwait(epfd, events, maxevents, 0, NULL);
	case 2:
		return epoll_pwait2(epfd, events, maxevents, &zero, NULL);
	default:
		return (int)syscall(SYS_epoll_pwait, epfd, events, maxevents, 0, NULL, 8L);
	}
}

UNUSED static int act_wait(int epfd)
{
	struct epoll_event events[16];
	int count = noted("wait", epfd, -1, NULL, wait_somehow(epfd, events, 1 + (int)below(16)));
	for (int i = 0; i < count; i++)
		noted("wait returned", epfd, -1, &events[i], count);
	return count;
}

/* --- births --- */

UNUSED static int pair_of(const char *name, int result, const int fds[2])
{
	for (int i = 0; i < 2 && result == 0; i++)
		atomic_store(&maybe_epoll[fds[i]], false);
	return noted(name, fds[0], result ? -1 : fds[1], NULL, result);
}

UNUSED static int one_of(const char *name, int fd, bool epoll)
{
	if (fd >= 0)
		atomic_store(&maybe_epoll[fd], epoll);
	return noted(name, -1, -1, NULL, fd);
}

static int pair_is_born(void)
{
	int fds[2] = {-1, -1};
	switch (below(4)) {
	case 0:
		return pair_of("pipe", pipe(fds), fds);
	case 1:
		return pair_of("pipe2", pipe2(fds, O_CLOEXEC | O_NONBLOCK), fds);
	case 2:
		return pair_of("socketpair", socketpair(AF_UNIX, SOCK_STREAM, 0, fds), fds);
	default:
		return pair_of(
			"socketpair", socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, fds), fds);
	}
}

UNUSED static int act_birth(void)
{
	static const sigset_t signals;
	switch (below(11)) {
	case 0:
		return one_of("socket", socket(AF_INET, SOCK_DGRAM, 0), false);
	case 1:
		return one_of("timerfd_create", timerfd_create(CLOCK_MONOTONIC, 0), false);
	case 2:
		return one_of("signalfd", signalfd(-1, &signals, SFD_CLOEXEC), false);
	case 3:
		return one_of("inotify_init1", inotify_init1(IN_NONBLOCK), false);
	case 4:
		return one_of("open", open("/dev/null", O_RDONLY), false); /* EPERM to epoll_ctl */
	case 5:
		return one_of("epoll_create", epoll_create(1), true);
	case 6:
		return one_of("epoll_create1", epoll_create1(EPOLL_CLOEXEC), true);
	case 7:
	case 8:
		return one_of("eventfd", eventfd(1, 0), false); /* ready at once and for good */
	default:
		return pair_is_born();
	}
}

/* --- duplicates --- */

static int duplicate_somehow(int from, int to)
{
	switch (below(7)) {
	case 0:
		return dup(from);
	case 1:
		return dup3(from, to, O_CLOEXEC);
	case 2:
		return fcntl(from, F_DUPFD, to);
	case 3:
		return fcntl(from, F_DUPFD_CLOEXEC, to);
	case 4:
		return (int)syscall(SYS_dup3, from, to, 0);
	default:
		return dup2(from, to);
	}
}

UNUSED static int act_duplicate(int from, int to)
{
	int made = noted("dup", from, to, NULL, duplicate_somehow(from, to));
	if (made >= 0)
		atomic_store(&maybe_epoll[made], atomic_load(&maybe_epoll[from]));
	return made;
}

/* --- ends --- */

static int close_stream(int fd)
{
	FILE *stream = fdopen(fd, "r");
	return stream ? fclose(stream) : close(fd);
}

UNUSED static int act_close(int fd)
{
	switch (below(8)) {
	case 0:
		return noted("close", fd, -1, NULL, syscall(SYS_close, fd));
	case 1:
		return noted(
			"close_range", fd, fd, NULL, close_range((unsigned)fd, (unsigned)fd, 0));
	case 2:
		return noted("fclose", fd, -1, NULL, close_stream(fd));
	default:
		return noted("close", fd, -1, NULL, close(fd));
	}
}

#endif

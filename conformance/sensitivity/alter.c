/* A preload that alters one thing about select, poll and epoll: the row of alterations.def that
 * POLLCHECK_ALTER names. Without the variable it changes nothing. Built and used by run.py. */
#include "alter.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct epoll_event table[65536];

static struct epoll_event *remembered(const struct altered *a)
{
	return &table[a->fd & 0xffff];
}

static void errno_is(struct altered *a, int from, int to)
{
	if (a->result >= 0 || a->error != from)
		return;
	a->result = to ? -1 : 0;
	a->error = to;
}

static void moved_up(struct altered *a)
{
	if (a->result < 0)
		return;
	int fd = fcntl((int)a->result, F_DUPFD_CLOEXEC, 100);
	close((int)a->result);
	a->result = fd;
}

/* Every returned mask, of epoll events and of pollfds alike, through one visit. */
static void each_mask(
	struct altered *a, void (*change)(uint32_t *, uint32_t, uint32_t), uint32_t x, uint32_t y)
{
	for (long i = 0; a->events && i < a->result; i++) {
		uint32_t mask = a->events[i].events;
		change(&mask, x, y);
		a->events[i].events = mask;
	}
	for (long i = 0; a->fds && a->result > 0 && i < a->nfds; i++) {
		uint32_t mask = (uint16_t)a->fds[i].revents;
		if (mask)
			change(&mask, x, y);
		a->fds[i].revents = (short)mask;
	}
}

static void replace(uint32_t *mask, uint32_t clear, uint32_t set)
{
	*mask = (*mask & ~clear) | set;
}

static void set_where(uint32_t *mask, uint32_t has, uint32_t set)
{
	*mask |= *mask & has ? set : 0;
}

static void clear_where(uint32_t *mask, uint32_t has, uint32_t clear)
{
	*mask &= *mask & has ? ~clear : ~0u;
}

static void mask(struct altered *a, uint32_t clear, uint32_t set)
{
	each_mask(a, replace, clear, set);
}

static void mask_where(struct altered *a, uint32_t has, uint32_t set)
{
	each_mask(a, set_where, has, set);
}

static void mask_clear_where(struct altered *a, uint32_t has, uint32_t clear)
{
	each_mask(a, clear_where, has, clear);
}

static void spoil_data(struct altered *a)
{
	for (long i = 0; i < a->result; i++)
		a->events[i].data.u64 ^= 1ull << 40;
}

static void reverse(struct altered *a)
{
	for (long i = 0; i < a->result / 2; i++) {
		struct epoll_event swapped = a->events[i];
		a->events[i] = a->events[a->result - 1 - i];
		a->events[a->result - 1 - i] = swapped;
	}
}

static const sigset_t *no_signals(void)
{
	static sigset_t none;
	return &none;
}

static void rounded_up(struct altered *a, long unit)
{
	a->time.tv_nsec = (a->time.tv_nsec + unit - 1) / unit * unit;
	if (a->time.tv_nsec == 1000000000)
		a->time = (struct timespec){a->time.tv_sec + 1, 0};
}

static void rounded_down(struct altered *a, long unit)
{
	a->time.tv_nsec -= a->time.tv_nsec % unit;
}

static void carried(struct altered *a)
{
	if (a->time.tv_nsec >= 1000000000)
		a->time = (struct timespec){a->time.tv_sec + 1, 0};
}

/* select's fd_sets and timeval before the call, to be put back after it */
static fd_set sets_before[3];
static struct timeval timeval_before;

static void remember_select(const struct altered *a)
{
	for (int i = 0; i < 3; i++)
		if (a->sets[i] && a->nfds <= FD_SETSIZE)
			sets_before[i] = *a->sets[i];
	if (a->timeval)
		timeval_before = *a->timeval;
}

static void keep_set(struct altered *a, int which)
{
	if (a->sets[which] && a->result >= 0 && a->nfds <= FD_SETSIZE)
		*a->sets[which] = sets_before[which];
}

static void clear_sets(struct altered *a)
{
	for (int i = 0; i < 3; i++)
		if (a->sets[i] && a->nfds <= FD_SETSIZE)
			FD_ZERO(a->sets[i]);
}

static void keep_timeval(struct altered *a)
{
	if (a->timeval)
		*a->timeval = timeval_before;
}

static void earlier(struct altered *a, long microseconds)
{
	if (a->timeval && a->timeval->tv_usec > microseconds)
		a->timeval->tv_usec -= microseconds;
}

static void negative_invalid(struct altered *a)
{
	for (long i = 0; a->result >= 0 && i < a->nfds; i++)
		if (a->fds[i].fd < 0 && !a->fds[i].revents) {
			a->fds[i].revents = POLLNVAL;
			a->result++;
		}
}

static void keep_revents(struct altered *a)
{
	for (long i = 0; a->result >= 0 && i < a->nfds; i++)
		if (!a->fds[i].revents)
			a->fds[i].revents = POLLIN;
}

static void fail_on_nval(struct altered *a)
{
	for (long i = 0; a->result > 0 && i < a->nfds; i++)
		if (a->fds[i].revents & POLLNVAL) {
			a->result = -1;
			a->error = EBADF;
		}
}

#define ALTER(name, clause, when, ...)                                                             \
	static void alter_##name(struct altered *a)                                                \
	{                                                                                          \
		__VA_ARGS__;                                                                       \
	}
#include "alterations.def"
#undef ALTER

static const struct row {
	const char *name;
	enum when when;
	void (*alter)(struct altered *);
} rows[] = {
#define ALTER(name, clause, when, ...) {#name, when, alter_##name},
#include "alterations.def"
#undef ALTER
};

static const struct row *chosen;

__attribute__((constructor)) static void choose(void)
{
	const char *name = getenv("POLLCHECK_ALTER");
	for (size_t i = 0; name && i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].name, name) == 0)
			chosen = &rows[i];
}

void apply(enum when when, struct altered *a)
{
	if (when == SELECT_ASKED)
		remember_select(a);
	if (chosen && chosen->when == when)
		chosen->alter(a);
	if (when == CTL_ANSWERED && a->result == 0 && a->has_event)
		*remembered(a) = a->event;
}

long answered(enum when when, struct altered *a, long result)
{
	a->result = result;
	a->error = errno;
	apply(when, a);
	if (a->result < 0)
		errno = a->error;
	return a->result;
}

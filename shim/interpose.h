/* What every wrapper needs: the attribute that exports it, and the two ends of a judged call. */
#ifndef POLLCHECK_INTERPOSE_H
#define POLLCHECK_INTERPOSE_H

#include "batch.h"
#include "config.h"
#include "ghosts.h"
#include "idle.h"
#include "judge.h"
#include "log.h"
#include "real.h"
#include "stalls.h"
#include "trace.h"

#include <limits.h>

#define INTERPOSE __attribute__((visibility("default")))

static inline void call_begins(struct call *c)
{
	if (unlikely(GET(recording))) {
		if (config.log)
			log_begins(c);
		if (GET(trace_on))
			c->trace_begin = trace_now();
	}
}

/* Right after the real call: what we do about it is not part of it. */
static inline void call_returned(struct call *c)
{
	if (unlikely(GET(trace_on)))
		c->trace_end = trace_now();
}

static inline void call_written(const struct call *c)
{
	if (config.log)
		log_ended(c);
	if (GET(trace_on))
		trace_call(c);
}

static inline int call_recorded(struct call *c)
{
	if (unlikely(GET(recording)))
		call_written(c);
	return (int)c->result;
}

/* The end of a judged call that is no wait, and of one that is. */
static inline int call_ended(struct call *c)
{
	if (unlikely(c->result < 0))
		judge_failed(c);
	return call_recorded(c);
}

static inline int wait_ended(struct call *c)
{
	waiting_ended();
	self.all_waits++;
	if (c->result <= 0)
		judge_empty(c);
	return call_recorded(c);
}

/* The real call of a witness, and its event. */
#define TRACED(name, fd, arguments) TRACED_FROM(CALL_SITE, name, fd, arguments)
#define TRACED_FROM(site, name, fd, arguments)                                                     \
	({                                                                                         \
		uint64_t traced_begin = trace_begins();                                            \
		__typeof__(REAL(name) arguments) traced = REAL(name) arguments;                    \
		if (unlikely(traced_begin))                                                        \
			trace_io(CALL_##name, fd, site, traced_begin, traced);                     \
		traced;                                                                            \
	})

static inline uint64_t trace_begins(void)
{
	return unlikely(GET(trace_on)) && watched() ? trace_now() : 0;
}

static inline void wait_in(struct call *c, int milliseconds)
{
	c->unit = MILLISECONDS;
	c->milliseconds = milliseconds;
}

/* timeout: a timespec of the call's kind, see timeout_in. */
static inline void wait_until(struct call *c, const void *timeout, const sigset_t *sigmask)
{
	c->unit = TIMESPEC;
	c->timeout = timeout;
	c->sigmask = sigmask;
}

static inline void wait_begins(struct call *c)
{
	if (unlikely(self.unsettled || GET(suspicions)))
		judge_begin(c);
	call_begins(c);
	waiting_begins(c);
}

/* First of all: what the wait reports ends suspicions. */
static inline void wait_returned(struct call *c)
{
	if (unlikely(c->begin_ns))
		stall_wait_returned(c);
}

/* Below -1, or beyond twenty days: one comparison of unsigned numbers. INT_MAX is how many write
 * "very long". */
static inline bool odd_timeout(const struct call *c)
{
	return c->unit == MILLISECONDS && (uint32_t)c->milliseconds + 1 > LONG_TIMEOUT_MS + 1u &&
	       c->milliseconds != INT_MAX;
}

static inline int poll_ended(struct call *c)
{
	call_returned(c);
	wait_returned(c);
	if (c->result > 0)
		judge_poll_entries(c, c->array);
	if (unlikely(odd_timeout(c)))
		judge_limit(c);
	return wait_ended(c);
}

static inline void poll_begins(
	struct call *c, enum call_id id, const void *site, struct pollfd *fds, nfds_t nfds)
{
	call_begun(c, id, site);
	c->array = fds;
	c->nfds = (uint32_t)nfds; /* the system call takes an unsigned int */
}

static inline void select_begins(struct call *c, int nfds, fd_set *readfds, fd_set *writefds,
	fd_set *exceptfds, struct asked *asked)
{
	c->nfds = nfds;
	c->sets[0] = readfds;
	c->sets[1] = writefds;
	c->sets[2] = exceptfds;
	judge_asked(c, asked); /* first: what that takes is not part of the wait */
	wait_begins(c);
}

static inline int select_ended(struct call *c)
{
	call_returned(c);
	wait_returned(c);
	if (c->result > 0)
		judge_select_sets(c);
	if (unlikely(c->asked != NULL))
		judge_sampled(c);
	return wait_ended(c);
}

static inline int epoll_wait_ended(struct call *c)
{
	call_returned(c);
	wait_returned(c);
	if (c->result > 0)
		judge_epoll_events(c, c->array);
	if (unlikely(odd_timeout(c)))
		judge_limit(c);
	return wait_ended(c);
}

static inline void epoll_wait_begins(struct call *c, enum call_id id, const void *site, int epfd,
	struct epoll_event *events, int maxevents)
{
	call_begun(c, id, site);
	c->epfd = epfd;
	c->array = events;
	c->nfds = maxevents;
}

#endif

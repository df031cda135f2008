/* What every wrapper needs: the attribute that exports it, and the two ends of a judged call. */
#ifndef POLLCHECK_INTERPOSE_H
#define POLLCHECK_INTERPOSE_H

#include "config.h"
#include "idle.h"
#include "judge.h"
#include "log.h"
#include "real.h"

#define INTERPOSE __attribute__((visibility("default")))

static inline void call_begins(struct call *c)
{
	if (unlikely(config.log))
		log_begins(c);
}

static inline int call_ended(struct call *c)
{
	if (c->result == 0 && c->unit != NO_TIMEOUT)
		idle_wait(c);
	if (unlikely(c->result < 0))
		judge_failed(c);
	if (unlikely(config.log))
		log_ended(c);
	return (int)c->result;
}

static inline void wait_in(struct call *c, int milliseconds)
{
	c->unit = MILLISECONDS;
	c->milliseconds = milliseconds;
}

static inline void wait_until(
	struct call *c, const struct timespec *timeout, const sigset_t *sigmask)
{
	c->unit = TIMESPEC;
	c->timeout = timeout;
	c->sigmask = sigmask;
}

static inline void wait_begins(struct call *c)
{
	if (unlikely(self.ctl_failed))
		judge_begin(c);
	call_begins(c);
}

#endif

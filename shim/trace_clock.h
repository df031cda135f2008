/* The time of events: CLOCK_MONOTONIC in nanoseconds, by the processor's counter where the kernel
 * itself keeps time with it, for a look at the clock costs twice as much. Each thread goes on from
 * a moment when it looked at both, for a millisecond at most. */
#ifndef POLLCHECK_TRACE_CLOCK_H
#define POLLCHECK_TRACE_CLOCK_H

#include "call.h"

#if defined __x86_64__ || defined __i386__
#include <x86intrin.h>
#define TICKS() __rdtsc()
#else
#define TICKS() 0
#endif

struct trace_clock {
	uint64_t ticks, ns; /* the moment */
	uint64_t valid;     /* ticks after which to look again; 0: now */
	uint64_t rate;      /* nanoseconds a tick, in 32.32 bits */
	uint64_t base_ticks, base_ns;
	_Atomic uint32_t moments; /* a signal handler may begin another one while we read */
	bool stopped;             /* neither may be asked any more */
};

/* Learns what the kernel keeps time with; once. */
void trace_clock_start(void);
const char *trace_clock_source(void);

/* Looks at the clock, and begins another moment. */
uint64_t trace_clock_look(struct trace_clock *);

static inline uint64_t trace_clock_now(struct trace_clock *c)
{
	uint32_t moment = atomic_load_explicit(&c->moments, memory_order_relaxed);
	uint64_t ticks = c->ticks, ns = c->ns, valid = c->valid;
	uint64_t since = likely(valid) ? TICKS() - ticks : 0;
	if (unlikely(since >= valid))
		return trace_clock_look(c);
	ns += since * c->rate >> 32;
	atomic_signal_fence(memory_order_seq_cst);
	if (unlikely(atomic_load_explicit(&c->moments, memory_order_relaxed) != moment))
		return trace_clock_look(c);
	return ns;
}

#endif

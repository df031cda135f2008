/* The trace (options trace and trace_size): every call, the life of descriptors, findings, as
 * trace.def has them. What is recorded lies in files mapped shared and survives SIGKILL. */
#ifndef POLLCHECK_TRACE_H
#define POLLCHECK_TRACE_H

#include "fdtable.h"
#include "finding.h"

extern _Atomic bool trace_on;

/* Once, from the constructor: trace_start begins the trace, by way of the other. */
void trace_start(void);
void trace_calls_start(void);

/* Nanoseconds of CLOCK_MONOTONIC, about. */
uint64_t trace_now(void);

/* A judged call has returned, at c->trace_end. */
void trace_call(const struct call *c);
/* Witnessed calls have: one with a descriptor, one with two. */
void trace_io(enum call_id, int fd, const void *site, uint64_t begin, int64_t result);
void trace_transfer(
	enum call_id, int in, int out, const void *site, uint64_t begin, int64_t result);

void trace_born(int fd, struct fd_record *, int from, uint16_t site);
void trace_closed(int fd, uint32_t generation, uint16_t site);
void trace_forked(int child);
void trace_finding(const struct finding *, const struct call *);

/* The program is about to ask for a sandbox, after which we make no system call; or it did not get
 * it. Strict mode (seccomp(2)) forbids even to read the processor's counter: this thread's events
 * have the time of the last look from then on. */
void trace_sandboxed(bool strict);
void trace_not_sandboxed(void);

#endif

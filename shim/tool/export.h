/* Writes the Trace Event Format: an object with a list of events, times in microseconds. */
#ifndef POLLCHECK_EXPORT_H
#define POLLCHECK_EXPORT_H

#include "loops.h"

#include <stdio.h>

/* Tracks are numbered as threads are; the kernel gives no thread a number of 2^22 or more
 * (PID_MAX_LIMIT). */
enum { EXPORT_EPOLL = 1 << 24, EXPORT_DESCRIPTOR = 1 << 25 };

static inline int64_t track_of_instance(int64_t epfd)
{
	return EXPORT_EPOLL + epfd;
}

static inline int64_t track_of_descriptor(int64_t fd)
{
	return EXPORT_DESCRIPTOR + fd;
}

void export_begin(FILE *);
FILE *export_end(void);

/* The call, on its thread's track. */
void export_slice(const struct trace_event *, int64_t at);
void export_instant(const struct trace_event *, int64_t track, int64_t at, const char *name);
/* The two ends of an arrow have the same number. */
void export_flow(bool ends, uint64_t flow, int32_t pid, int64_t track, int64_t at);
void export_life(const struct descriptor *, int64_t from, int64_t to);
void export_track(const struct traced_process *, int64_t track, const char *what, int64_t number);
void export_thread(const struct thread *);

#endif

/* What the functions that store events of judged calls share. Each fills the structure of its
 * layout, and does so again when a signal handler stored one in between. */
#ifndef POLLCHECK_TRACE_FILL_H
#define POLLCHECK_TRACE_FILL_H

#include "trace_stream.h"

#include <string.h>

enum { READY_MOST = 1024, ASKED_MOST = 16 };

/* What the events of judged calls have in common, and where their elements go. */
struct traced {
	struct event event;
	struct stream *stream;
	const struct call *call;
	uint64_t duration;
	uint16_t site;
	trace_error error;
};

static inline void *traced_begins(struct traced *t, uint32_t size)
{
	return event_begins(
		&t->event, t->stream, 0, (enum trace_event)t->call->id, t->call->trace_end, size);
}

#define COMMON(fields, t)                                                                          \
	do {                                                                                       \
		(fields)->duration = (t)->duration;                                                \
		(fields)->site = (t)->site;                                                        \
		(fields)->result = (int32_t)(t)->call->result;                                     \
		(fields)->error = (t)->error;                                                      \
	} while (0)

/* Whether the kernel accepted the memory that the arguments point to. */
static inline bool accepted(const struct call *c)
{
	return c->result >= 0 || c->error == EINTR;
}

/* Timeouts and signal masks that lie in memory. */
struct limits {
	enum trace_timeout_is is;
	struct timeout timeout;
	uint64_t sigmask;
	uint16_t sigmasks;
};

struct limits limits_of(const struct call *);

#define LIMITS(fields, l)                                                                          \
	do {                                                                                       \
		(fields)->timeout_is = (trace_timeout)(l)->is;                                     \
		(fields)->timeout_seconds = (l)->timeout.seconds;                                  \
		(fields)->timeout_fraction = (l)->timeout.fraction;                                \
		(fields)->sigmask_length = (l)->sigmasks;                                          \
	} while (0)

/* Room for as many as result says; those that are found count, as another thread may have changed
 * the array meanwhile. */
static inline uint16_t at_most(int64_t count, uint16_t most)
{
	return (uint16_t)(count < 0 ? 0 : count > most ? most : count);
}

enum { WATCHED = sizeof(struct trace_watched) };

/* What follows the sigmask. */
static inline void *after_sigmask(void *to, const struct limits *l)
{
	memcpy(to, &l->sigmask, l->sigmasks * sizeof(trace_mask));
	return (char *)to + l->sigmasks * sizeof(trace_mask);
}

void trace_epoll_create(struct traced *);
void trace_epoll_ctl(struct traced *);
void trace_epoll_wait(struct traced *);
void trace_epoll_pwait(struct traced *);
void trace_poll(struct traced *);
void trace_ppoll(struct traced *);
void trace_select(struct traced *);

#endif

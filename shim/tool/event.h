/* An event of a trace, as its readers take it. trace.def tells what the numbers are. */
#ifndef POLLCHECK_EVENT_H
#define POLLCHECK_EVENT_H

#include "finding.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum event_kind { EVENT_CALL, EVENT_BORN, EVENT_CLOSED, EVENT_FORKED, EVENT_FINDING, EVENT_OTHER };

/* Every number that a field of an event may be, each name once. */
#define EVENT_NUMBERS(X)                                                                           \
	X(duration)                                                                                \
	X(site)                                                                                    \
	X(argument)                                                                                \
	X(result)                                                                                  \
	X(error)                                                                                   \
	X(epfd)                                                                                    \
	X(op)                                                                                      \
	X(fd)                                                                                      \
	X(maxevents)                                                                               \
	X(timeout)                                                                                 \
	X(timeout_is)                                                                              \
	X(timeout_seconds)                                                                         \
	X(timeout_fraction)                                                                        \
	X(left_seconds)                                                                            \
	X(left_fraction)                                                                           \
	X(nfds)                                                                                    \
	X(sets)                                                                                    \
	X(readfds)                                                                                 \
	X(writefds)                                                                                \
	X(exceptfds)                                                                               \
	X(in)                                                                                      \
	X(out)                                                                                     \
	X(generation)                                                                              \
	X(kind)                                                                                    \
	X(from)                                                                                    \
	X(child)                                                                                   \
	X(number)                                                                                  \
	X(severity)                                                                                \
	X(count)

/* An epoll_event with its descriptor, a pollfd, or the event epoll_ctl was asked for. */
struct event_pair {
	int32_t fd;
	uint32_t events;
	uint64_t data;
};

enum { EVENT_PAIRS = 512 }; /* more of one event are counted, not kept */

struct event_pairs {
	uint32_t length; /* at most EVENT_PAIRS */
	struct event_pair of[EVENT_PAIRS];
};

enum timeout_is { WITHOUT_LIMIT, IN_MILLISECONDS, AS_TIMEVAL, AS_TIMESPEC, NOT_READ };

/* A process, which has a folder of its own in the trace. */
struct traced_process {
	int32_t pid;
	char program[256], host[64];
	struct stack **sites; /* by the number events have; NULL: not told */
	size_t site_count;
};

struct trace_event {
	enum event_kind what;
	const char *name; /* of the call, or of what is no call */
	int call;         /* enum call_id; -1: none that is known */
	const struct traced_process *process;
	int32_t tid;
	int64_t end; /* nanoseconds since the Unix epoch; the call began duration before */
		     /* -1 where the event has no such field, but duration, site and error 0 */
#define X(name) int64_t name;
	EVENT_NUMBERS(X)
#undef X
	bool has_sigmask;
	uint64_t sigmask;
	struct event_pairs asked, ready;
	struct finding finding; /* of EVENT_FINDING */
};

static inline int64_t event_begin(const struct trace_event *e)
{
	return e->end - e->duration;
}

#endif

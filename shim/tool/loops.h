/* What the loops of a program did: a turn is what a thread does from the return of a wait to its
 * next wait; the events of the wait are served by the calls made meanwhile on their descriptors. */
#ifndef POLLCHECK_LOOPS_H
#define POLLCHECK_LOOPS_H

#include "event.h"
#include "histogram.h"
#include "table.h"

struct descriptor {
	const struct traced_process *process;
	int32_t fd;
	int64_t kind;
	int64_t born, closed; /* Unix epoch; 0: not seen */
	uint64_t reported, served, reads, writes;
	int64_t slowest; /* handler, ns */
	char is[128];    /* as a finding told */
	unsigned findings;
	size_t ordinal; /* in the order they were met, which is the same at every reading */
};

/* Of an epoll instance, or of a thread that polls or selects. */
struct loop {
	const struct traced_process *process;
	int32_t epfd, tid; /* epfd: -1 of poll and select, tid: 0 of an epoll instance */
	const char *call;
	uint64_t waits, ready, empty, timeouts, failed;
	struct histogram wait, lag, events;
};

/* The time from a report to the next, or to the next wait. */
struct served {
	int64_t begin, took;
	const struct descriptor *descriptor;
	const struct traced_process *process;
	int32_t tid;
	uint32_t mask;
	bool is_epoll;
	int64_t site;
};

enum { REPORTED_MAX = 128, HANDLERS = 20, SPIN_RUN = 8 };

struct reported {
	struct descriptor *descriptor;
	uint32_t mask;
	bool served;
};

struct thread {
	const struct traced_process *process;
	int32_t tid;
	int64_t first, last; /* when its first call began and its last ended */
	uint64_t calls;
	struct loop *loop; /* of the turn; NULL before the first wait */
	int64_t wait_begin, turn_begin;
	bool is_epoll;
	unsigned count, served; /* of the turn's events */
	bool handled;           /* one of them, at least tried */
	uint64_t wasted;        /* turns in a row that served nothing of what was reported */
	struct reported reported[REPORTED_MAX];
	struct reported *at; /* being handled */
	int64_t handler_begin, handler_site;
	uint64_t calls_before; /* the turn */
	size_t ordinal;
};

struct loops {
	struct table descriptors, by_loop, threads; /* descriptors: those alive, by number */
	struct descriptor **all;
	size_t count;
	struct loop **loops;
	size_t loop_count;
	struct thread **every_thread;
	size_t thread_count;
	struct served slowest[HANDLERS]; /* longest first */
	void (*turn_ended)(struct thread *, int64_t end);
	/* by the call e, something that the turn's wait reported */
	void (*served)(const struct thread *, const struct trace_event *e);
};

void loops_take(struct loops *, const struct trace_event *);
/* After the last event: the turns that did not end. */
void loops_end(struct loops *);

struct thread *loops_thread(struct loops *, const struct trace_event *);
/* The descriptor that has the number now; NULL for a negative one. */
struct descriptor *loops_descriptor(struct loops *, const struct traced_process *, int64_t fd);

enum io_is { IO_OTHER, IO_READ, IO_WRITE };
enum io_is io_of(const char *call);
bool is_wait(const struct trace_event *);
/* For qsort(3). Numbers of a damaged trace lie too far apart for their difference. */
static inline int ascending(int a, int b)
{
	return (a > b) - (a < b);
}
/* Sorts all by findings, then by how often they were reported or used; loops by waits. */
void loops_sort(struct loops *);

#endif

/* Where each thread writes its events. A signal handler that interrupts its thread in the middle of
 * one has a stream of its own: so an event is never disturbed, and one that is never finished, as
 * the handler left by siglongjmp(3), is no part of a packet. */
#ifndef POLLCHECK_TRACE_STREAM_H
#define POLLCHECK_TRACE_STREAM_H

#include "fdtable.h"
#include "stack.h"
#include "trace_clock.h"
#include "trace_ring.h"

/* One of a thread's streams. */
struct cursor {
	struct packet *packet; /* NULL: none yet, or none to be had */
	struct slot *slot;
	uint32_t end;    /* bits of the packet */
	uint32_t events; /* in it */
	uint64_t before, seq, discarded;
	uint32_t rest, resting; /* events until the next try, while no packet is to be had */
};

enum { CLASSES = 2, LEVELS = 2 };

struct stream {
	_Atomic uint32_t used; /* 0 in the child of a fork: this memory is cleared there */
	int32_t tid;
	uint32_t thread;
	_Atomic uint32_t
		level; /* events that are being stored, each by a handler that interrupted the last
			*/
	uint32_t refused; /* beyond the levels, in a row */
	struct trace_clock clock;
	struct cursor cursors[LEVELS][CLASSES];
};

enum { STREAMS = 4096, SITE_WORDS = SITES_MOST / 64 };

/* All there is of a trace, but for files: memory that the kernel clears in the child of a fork
 * (MADV_WIPEONFORK), whoever makes it and however, so that no child ever writes into its parent's
 * packets. */
struct trace_memory {
	_Atomic uint32_t state;
	_Atomic uint32_t findings, streams_made, next_reaped;
	int32_t pid;
	_Atomic uint64_t sites_told[SITE_WORDS];
	struct ring ring;
	struct stream streams[STREAMS];
};
extern struct trace_memory *trace_memory;
/* Makes folder and metadata, in a process that has none yet; false when it cannot have any. */
bool trace_begun(void);

/* The calling thread's stream, made if need be; NULL when there is none to be had. */
struct stream *stream_met(void);
/* Has packets made while that may be done. */
void stream_stock(struct stream *);
/* Makes room in a new packet, or counts the event discarded and ends it: false. */
bool stream_room(struct stream *, uint32_t level, int class, uint32_t size);

static inline struct stream *stream_mine(void)
{
	struct stream *s = self.stream;
	return likely(s && atomic_load_explicit(&s->used, memory_order_relaxed)) ? s : stream_met();
}

/* An event being stored. */
struct event {
	struct stream *stream;
	struct cursor *cursor;
	uint64_t time;
	uint32_t from, level;
};

/* Where its fields go: size bytes, or less. NULL: it is discarded. */
static inline void *event_begins(struct event *e, struct stream *s, int class, enum trace_event id,
	uint64_t time, uint32_t size)
{
	uint32_t level = GET(s->level);
	size += sizeof(struct trace_event_head);
	PUT(s->level, level + 1);
	atomic_signal_fence(memory_order_seq_cst);
	struct cursor *c = &s->cursors[level % LEVELS][class];
	uint32_t from = likely(c->packet != NULL) ? GET(c->packet->content_size) : 0;
	if (unlikely(level >= LEVELS || !c->packet || from + size * 8 > c->end)) {
		if (!stream_room(s, level, class, size))
			return NULL;
		from = GET(c->packet->content_size);
	}
	/* a finding about this call, or a place, may have come between it and its time */
	uint64_t last = c->packet->timestamp_end;
	*e = (struct event){s, c, likely(time >= last) ? time : last, from, level};
	struct trace_event_head *head = (void *)((char *)c->packet + from / 8);
	head->id = (trace_u8)id;
	head->timestamp = e->time;
	return head + 1;
}

/* The order of these stores is what leaves a whole packet whenever the process is killed. */
static inline void event_ended(struct event *e, uint32_t size)
{
	struct cursor *c = e->cursor;
	uint32_t to = e->from + (uint32_t)(sizeof(struct trace_event_head) + size) * 8;
	c->packet->timestamp_end = e->time;
	atomic_store_explicit(&c->packet->content_size, to, memory_order_release);
	c->events++;
	/* released to whoever takes the stream over once this thread has ended */
	atomic_store_explicit(&e->stream->level, e->level, memory_order_release);
}

#endif

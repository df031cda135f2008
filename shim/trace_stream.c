/* Gives threads their streams, and streams their packets. */
#include "trace_stream.h"

#include "fdtable.h"
#include "process.h"

#include <string.h>

enum {
	IN_USE = 1,
	BEING_TAKEN,
	REFUSED_MOST = 1000,
	REST_MOST = 256,
	REAPED_AT_ONCE = 8,
	STOCK_OF_PLACES = 64 << 10
};
enum { HEAD_BITS = 8 * sizeof(struct packet) };

/* --- streams --- */

/* A thread that ended leaves its stream and what it wrote last. There is nobody to tell us. */
static bool has_ended(const struct stream *s)
{
	return s->tid && SYSTEM(tgkill, (long)trace_memory->pid, (long)s->tid, 0L) < 0 &&
	       errno == ESRCH;
}

/* Taken before it is asked: another thread may have reaped it meanwhile, and a third begun it anew.
 */
static bool taken_from_the_dead(struct stream *s)
{
	uint32_t in_use = IN_USE;
	if (s == self.stream || !atomic_compare_exchange_strong(&s->used, &in_use, BEING_TAKEN))
		return false;
	bool ended = has_ended(s);
	if (!ended)
		atomic_store(&s->used, IN_USE);
	return ended;
}

static void reap(struct stream *s)
{
	if (!taken_from_the_dead(s))
		return;
	atomic_load_explicit(&s->level, memory_order_acquire);
	for (int level = 0; level < LEVELS; level++) {
		struct cursor *c = &s->cursors[level][0];
		if (c->slot)
			ring_finished(&trace_memory->ring, c->slot, c->events);
	}
	memset((char *)s + sizeof(s->used), 0, sizeof(*s) - sizeof(s->used));
	atomic_store(&s->used, 0);
}

static void reap_some(uint32_t most)
{
	if (!may_make_system_calls())
		return;
	uint32_t from = atomic_fetch_add(&trace_memory->next_reaped, most);
	uint32_t made = GET(trace_memory->streams_made);
	for (uint32_t i = 0; i < most && i < made; i++)
		reap(&trace_memory->streams[(from + i) % made]);
}

static struct stream *free_stream(void)
{
	for (uint32_t i = 0; i < STREAMS; i++) {
		struct stream *s = &trace_memory->streams[i];
		uint32_t none = 0, made = GET(trace_memory->streams_made);
		if (!atomic_compare_exchange_strong(&s->used, &none, BEING_TAKEN))
			continue;
		while (made <= i &&
			!atomic_compare_exchange_weak(&trace_memory->streams_made, &made, i + 1))
			;
		return s;
	}
	return NULL;
}

static struct stream *stream_made(void)
{
	struct stream *s = free_stream();
	if (!s) {
		reap_some(STREAMS);
		s = free_stream();
	}
	if (!s)
		return NULL;
	s->thread = process_thread();
	s->tid = may_make_system_calls() ? (int32_t)SYSTEM(gettid) : process_tid(s->thread);
	atomic_store(&s->used, IN_USE);
	return s;
}

/* With signals off, as two streams of one thread would be none. */
struct stream *stream_met(void)
{
	KEEP_ERRNO;
	struct stream *s = NULL;
	uint64_t blocked = process_signals_off();
	if (self.stream && GET(self.stream->used))
		s = self.stream;
	else if (trace_begun())
		s = stream_made();
	self.stream = s;
	process_signals_back(blocked);
	if (!s)
		atomic_fetch_add(&trace_memory->ring.overwritten, 1);
	return s;
}

/* --- packets --- */

static void count_discarded(struct cursor *c)
{
	c->discarded++;
	if (c->packet)
		c->packet->events_discarded = c->discarded;
}

static struct packet head_of(struct stream *s, uint32_t level, int class)
{
	const struct cursor *c = &s->cursors[level][class];
	uint64_t now = trace_clock_now(&s->clock), last = c->packet ? c->packet->timestamp_end : 0;
	struct packet head = {.magic = PACKET_MAGIC,
		.stream_id = (uint32_t) class,
		.stream_instance_id = (uint64_t)level << 32 | s->thread,
		.timestamp_begin = now > last ? now : last,
		.content_size = HEAD_BITS,
		.packet_seq_num = c->seq,
		.events_discarded = c->discarded,
		.tid = s->tid,
		.thread = s->thread,
		.events_before = c->before + c->events,
		.overwritten = GET(trace_memory->ring.overwritten)};
	head.timestamp_end = head.timestamp_begin;
	memcpy(head.uuid, trace_memory->ring.uuid, sizeof(head.uuid));
	return head;
}

/* A site is half a kilobyte, and once the program is in a sandbox there is no second packet. */
static uint32_t size_for_sites(void)
{
	struct rlimit limit;
	bool cramped = may_make_system_calls() && getrlimit(RLIMIT_FSIZE, &limit) == 0 &&
		       limit.rlim_cur < 2 * PACKET_LEAST;
	return cramped ? PACKET_LEAST : 2 * PACKET_LEAST;
}

/* Four times what the last one had: a thread that makes few calls takes little of the disk. */
static uint32_t size_for(const struct cursor *c, int class, uint32_t need)
{
	uint32_t largest = ring_largest(&trace_memory->ring);
	uint32_t size = class ? size_for_sites() : c->slot ? c->slot->size * 4 : PACKET_LEAST;
	if (size > largest)
		size = largest;
	while (size < need)
		size *= 2;
	return size;
}

static struct slot *packet_anew(const struct packet *head, uint32_t need)
{
	struct slot *slot = ring_oldest(&trace_memory->ring, need);
	if (!slot)
		return NULL;
	struct packet fresh = *head, *p = slot->packet;
	fresh.packet_size = slot->size * 8;
	fresh.overwritten = GET(trace_memory->ring.overwritten);
	/* Its events go first. Should the process be killed within the next few stores, this one
	 * packet is neither the old nor the new. */
	atomic_store_explicit(&p->content_size, HEAD_BITS, memory_order_release);
	memcpy(p, &fresh, sizeof(fresh));
	return slot;
}

/* Instead of a new one: its thread's last packet, which the oldest of all may be, is finished. */
static struct slot *packet_recycled(
	struct cursor *c, const struct packet *head, uint32_t size, uint32_t need)
{
	struct ring *r = &trace_memory->ring;
	struct slot *was = c->slot;
	c->packet = NULL;
	c->slot = NULL;
	if (was)
		ring_finished(r, was, c->events);
	reap_some(REAPED_AT_ONCE);
	struct slot *next = packet_anew(head, need);
	return next || c->seq ? next : ring_made(r, size, head, true);
}

static bool next_packet(struct stream *s, uint32_t level, int class, uint32_t need)
{
	struct ring *r = &trace_memory->ring;
	struct cursor *c = &s->cursors[level][class];
	struct packet head = head_of(s, level, class);
	uint32_t size = size_for(c, class, need);
	head.packet_size = size * 8;
	struct slot *was = c->slot, *next = ring_made(r, size, &head, false);
	if (next && was && !class)
		ring_finished(r, was, c->events);
	else if (!next && !class)
		next = packet_recycled(c, &head, size, need);
	if (!next)
		return false;
	c->before = head.events_before;
	c->events = 0;
	c->seq++;
	c->slot = next;
	c->end = next->size * 8;
	c->packet = next->packet;
	return true;
}

void stream_stock(struct stream *s)
{
	KEEP_ERRNO;
	struct packet head = head_of(s, 0, 0);
	head.tid = 0;
	head.thread = 0;
	head.packet_seq_num = head.events_before = head.events_discarded = 0;
	ring_stock(&trace_memory->ring, &head);
	next_packet(s, 0, 1, STOCK_OF_PLACES);
}

/* Where there is no packet to be had, as for a thread of a program that gave up its privileges, to
 * look for one takes system calls: the less often the longer there is none. */
static bool packet_sought(struct stream *s, uint32_t level, int class, uint32_t need)
{
	struct cursor *c = &s->cursors[level][class];
	if (c->resting) {
		c->resting--;
		return false;
	}
	bool made = next_packet(s, level, class, need);
	c->rest = made ? 0 : c->rest < REST_MOST ? c->rest * 2 + 1 : c->rest;
	c->resting = c->rest;
	return made;
}

bool stream_room(struct stream *s, uint32_t level, int class, uint32_t size)
{
	KEEP_ERRNO;
	bool made = level < LEVELS &&
		    packet_sought(s, level, class, size + (uint32_t)sizeof(struct packet));
	if (made) {
		s->refused = 0;
		return true;
	}
	count_discarded(&s->cursors[level % LEVELS][class]);
	atomic_store_explicit(&s->level, level, memory_order_release);
	/* Handlers that left by siglongjmp(3) took the end of what they interrupted along. */
	if (level >= LEVELS && s->refused++ == REFUSED_MOST)
		PUT(s->level, s->refused = 0);
	return false;
}

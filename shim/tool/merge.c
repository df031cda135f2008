/* The streams of a trace as one, in order of time. Not by babeltrace2's muxer: a damaged stream
 * must end alone, and an error inside of a graph ends the whole graph. */
#if HAVE_BABELTRACE

#include "merge.h"

#include "graph.h"
#include "guard.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct merge merge;

/* The cause that says most is the innermost, which comes first. False: there was no error. */
bool take_reason(char *reason, size_t size)
{
	const bt_error *error = bt_current_thread_take_error();
	snprintf(reason, size, "libbabeltrace2 gives no reason");
	if (!error)
		return false;
	if (bt_error_get_cause_count(error))
		snprintf(reason, size, "%s",
			bt_error_cause_get_message(bt_error_borrow_cause_by_index(error, 0)));
	char *addresses = strstr(reason, ": msg-it-addr");
	if (addresses)
		*addresses = '\0';
	bt_error_release(error);
	return true;
}

static bool earlier(const struct stream *a, const struct stream *b)
{
	return a->ns < b->ns || (a->ns == b->ns && a < b);
}

static void sift_down(size_t at)
{
	for (;;) {
		size_t least = at, left = 2 * at + 1, right = left + 1;
		if (left < merge.waiting && earlier(merge.heap[left], merge.heap[least]))
			least = left;
		if (right < merge.waiting && earlier(merge.heap[right], merge.heap[least]))
			least = right;
		if (least == at)
			return;
		struct stream *moved = merge.heap[at];
		merge.heap[at] = merge.heap[least];
		merge.heap[least] = moved;
		at = least;
	}
}

/* A port is called "uuid | class | instance". */
void stream_damaged(const struct stream *s, const char *reason)
{
	char name[512];
	if (!s->folder)
		return;
	const char *instance = strrchr(s->port, '|'), *class = instance;
	while (class && class > s->port && *--class != '|')
		;
	snprintf(name, sizeof(name), "%s: %s of thread %s", s->folder,
		class && atoi(class + 1) == 1 ? "call sites" : "events",
		instance ? instance + 2 : "?");
	merge.to->damaged(name, reason);
}

static bt_message_iterator_next_status ask(struct stream *s)
{
	if (sigsetjmp(guard_return, 0)) {
		merge.aborted = true;
		s->iterator = NULL; /* lost: not even giving it back is safe */
		return BT_MESSAGE_ITERATOR_NEXT_STATUS_ERROR;
	}
	guard_begin();
	bt_message_iterator_next_status status =
		bt_message_iterator_next(s->iterator, &s->batch, &s->count);
	guard_end();
	return status;
}

/* The reader of version 2.0 leaves its error lying about when it still has messages to give; the
 * next function of the library that is called would abort. */
static bool fetch_batch(struct stream *s)
{
	char reason[256];
	if (s->ends)
		return false;
	bt_message_iterator_next_status status = ask(s);
	s->next = 0;
	s->ends = take_reason(reason, sizeof(reason)) || status < 0;
	if (s->ends)
		stream_damaged(s, reason);
	if (status == BT_MESSAGE_ITERATOR_NEXT_STATUS_OK)
		return true;
	s->count = 0;
	return false;
}

static void tell_discarded(const bt_message *message)
{
	uint64_t count = 0;
	if (bt_message_discarded_events_get_count(message, &count) !=
		BT_PROPERTY_AVAILABILITY_AVAILABLE)
		count = 1;
	merge.to->discarded(bt_message_discarded_events_borrow_stream_const(message), count);
}

/* From 1970 to 2262, so that the difference of two is a number of nanoseconds too. There is no
 * other clock: what has another time is damaged. */
static bool has_time(struct stream *s, const bt_message *message)
{
	const bt_clock_snapshot *clock =
		bt_message_event_borrow_default_clock_snapshot_const(message);
	if (bt_clock_snapshot_get_ns_from_origin(clock, &s->ns) ==
			BT_CLOCK_SNAPSHOT_GET_NS_FROM_ORIGIN_STATUS_OK &&
		s->ns >= 0)
		return true;
	bt_current_thread_clear_error();
	if (!s->timeless)
		stream_damaged(s, "an event is of no time there is");
	s->timeless = true;
	return false;
}

/* Advances to the next event; false at the end of the stream. */
static bool advance(struct stream *s)
{
	for (;;) {
		if (s->next == s->count && !fetch_batch(s))
			return false;
		const bt_message *message = s->batch[s->next];
		bt_message_type type = bt_message_get_type(message);
		if (type == BT_MESSAGE_TYPE_EVENT && has_time(s, message))
			return true;
		if (type == BT_MESSAGE_TYPE_PACKET_BEGINNING)
			merge.to->packet(bt_message_packet_beginning_borrow_packet_const(message));
		if (type == BT_MESSAGE_TYPE_DISCARDED_EVENTS)
			tell_discarded(message);
		bt_message_put_ref(message);
		s->next++;
	}
}

static void fill_heap(void)
{
	for (size_t i = 0; i < merge.count; i++)
		if (merge.streams[i].iterator && advance(&merge.streams[i]))
			merge.heap[merge.waiting++] = &merge.streams[i];
	for (size_t i = merge.waiting / 2; i-- > 0;)
		sift_down(i);
}

void merge_run(void)
{
	fill_heap();
	while (merge.waiting) {
		struct stream *s = merge.heap[0];
		const bt_message *message = s->batch[s->next++];
		merge.to->event(bt_message_event_borrow_event_const(message), s->ns);
		bt_message_put_ref(message);
		if (!advance(s))
			merge.heap[0] = merge.heap[--merge.waiting];
		sift_down(0);
	}
}

#endif

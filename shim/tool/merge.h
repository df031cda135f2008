/* The streams that a graph connects, merged. */
#ifndef POLLCHECK_MERGE_H
#define POLLCHECK_MERGE_H

#include <babeltrace2/babeltrace.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct stream {
	const char *folder; /* NULL: damage in it is told already */
	const char *port;
	bt_message_iterator *iterator;
	bt_message_array_const batch;
	uint64_t count, next;
	bool ends;     /* an error came with the batch */
	bool timeless; /* events of no time were met */
	int64_t ns;
};

extern struct merge {
	const struct graph_events *to;
	struct stream *streams;
	struct stream **heap; /* by time of the next event */
	size_t count, waiting;
	bool aborted; /* what is left of the graph is not to be touched */
} merge;

/* Gives all events of the streams, whose iterators are made, to merge.to. */
void merge_run(void);

void stream_damaged(const struct stream *, const char *reason);

/* Takes the thread's error away; false: there was none. The cause that says most is the innermost,
 * which comes first. */
bool take_reason(char *reason, size_t size);

#endif

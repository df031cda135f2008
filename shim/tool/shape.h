/* The shape of an event class: which member of its payload goes where in struct trace_event. */
#ifndef POLLCHECK_SHAPE_H
#define POLLCHECK_SHAPE_H

#include "event.h"

#include <babeltrace2/babeltrace.h>

enum member_is { IGNORED, SIGNED, UNSIGNED, WORDS, PAIRS, MASK, STACK, HISTORY };

enum { MEMBERS_MAX = 32, PARTS_MAX = 6, NO_PART = 255 };

struct member {
	enum member_is is;
	size_t offset, size;      /* in struct trace_event; size of WORDS */
	uint8_t parts[PARTS_MAX]; /* of an element: which of its members is which, by the order
				     below */
};

struct shape {
	enum event_kind what;
	bool is_site;
	const char *name;
	int call;
	unsigned count;
	struct member members[MEMBERS_MAX];
};

/* Never fails: what is not as trace.def has it is IGNORED, so that a damaged or newer metadata file
 * can make an event poorer but not unsafe to read. */
void shape_of(struct shape *, const bt_event_class *);

/* Fills the event from a payload of that shape; a site's stack into *stack. */
void shape_read(const struct shape *, const bt_event *, struct trace_event *, struct stack *);

/* A process, as the trace's environment names it. */
struct traced_process *shape_process(const bt_trace *);
/* A number of a packet's context; 0 where it is not there. */
int64_t shape_context(const bt_packet *, const char *name);

#endif

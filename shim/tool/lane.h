/* A lane of the timeline: what happened in order of time, merged where it is too dense for a page.
 */
#ifndef POLLCHECK_LANE_H
#define POLLCHECK_LANE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One thing, or n of them from start to start + length. */
struct mark {
	int64_t start, length;
	int64_t blocked, spinning; /* of the length, ns */
	uint32_t n, text;
	bool kept; /* never merged: it is close to a finding */
};

enum { RECENT = 32 };

struct lane {
	struct mark *marks;
	size_t used, room, limit, kept;
	int64_t grain;              /* what lies within so much time is merged */
	struct mark recent[RECENT]; /* the last, not merged yet: a ring from `first` */
	unsigned first, recent_used, keep;
};

/* limit: how many marks, beside those kept, the lane may have. */
void lane_begin(struct lane *, size_t limit);
/* In order of start, or nearly. */
void lane_add(struct lane *, const struct mark *);
/* Something was found now: the last RECENT marks and the next stay as they are. */
void lane_keep(struct lane *);
/* When the last RECENT marks began; 0: there is none. */
int64_t lane_recent(const struct lane *);
void lane_end(struct lane *);

#endif

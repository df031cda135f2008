/* What the three sweeps share: how a case is counted and a difference kept. */
#ifndef SWEEP_H
#define SWEEP_H

#include "states.h"

#include <stdbool.h>
#include <stddef.h>

/* How a case reads: its interface and what was done. The answer is of the last wait. */
enum aspect {
#define ASPECT(id, text) id,
#include "aspects.def"
#undef ASPECT
	ASPECTS
};

struct difference {
	uint32_t asked;
	int64_t expected, answered; /* a mask; -errno where the call failed */
	uint64_t times;             /* asked masks that contain this one and differ, too */
};

/* What is kept of one state: of each aspect the masks that differ and contain no other that does.
 */
enum { MINIMAL = 8 };

struct account {
	const struct state *state;
	uint64_t tried, differing, explained;
	int cannot; /* errno of the maker */
	bool ended; /* the sweep of this state came to its end */
	struct {
		int count;
		struct difference minimal[MINIMAL];
	} of[ASPECTS];
};

/* Counts one case, and keeps it if it differs. */
void compare(struct account *, enum aspect, uint32_t asked, int64_t expected, int64_t answered);

void print_account(const struct account *);

/* every: only every nth mask, beginning at another one in each state; 1: all. */
struct extent {
	uint32_t every, offset;
};
void sweep_poll(const struct state *, int fd, struct extent, struct account *);
void sweep_epoll(const struct state *, int fd, struct extent, struct account *);
void sweep_select(const struct state *, int fd, struct extent, struct account *);

#endif

/* The table of suspected stalls, found by the descriptor's number. Two descriptors that would share
 * a place take it from each other; a stall then goes unnoticed. */
#ifndef POLLCHECK_SUSPECTS_H
#define POLLCHECK_SUSPECTS_H

#include "stalls.h"

enum { SUSPECTS = 128 };

struct suspect {
	_Atomic uint64_t whose; /* generation << 32 | fd + 1; 0: free */
	_Atomic uint32_t thread, wait, detail;
	_Atomic uint32_t blocked_ms; /* in waits since */
};
extern struct suspect suspects[STALLS][SUSPECTS];

static inline struct suspect *suspect_at(enum stall stall, int fd)
{
	return &suspects[stall][(unsigned)fd % SUSPECTS];
}

static inline uint64_t suspect_key(int fd, uint32_t generation)
{
	return (uint64_t)generation << 32 | ((uint32_t)fd + 1);
}

static inline bool suspect_is(struct suspect *s, int fd, const struct fd_record *r)
{
	return GET(s->whose) == suspect_key(fd, fd_generation(r));
}

/* By this thread, now; detail is the stall's own. */
void suspect_noted(enum stall, int fd, const struct fd_record *, uint32_t detail);
void suspect_over(enum stall, int fd, uint32_t generation);
/* One more, or with ~0 one less. */
void suspect_counted(enum stall, uint32_t by);

/* Whether any EPOLLONESHOT ever fired. */
bool stall_oneshots(void);

#endif

/* Unproductive wake-ups: how often in a row a wait returned a descriptor without the program doing
 * anything about it. The hot half is inline; what follows once a run is suspicious is in wakeups.c.
 */
#ifndef POLLCHECK_WAKEUPS_H
#define POLLCHECK_WAKEUPS_H

#include "fdtable.h"

extern _Atomic uint32_t wakeup_period; /* a power of two, less one: how often a run is looked at */

/* Reads spin_threshold; once. */
void wakeups_start(void);
/* Look at each wake-up of a run, while an instance is declared idle. */
void wakeups_look_at_each(bool);
void wakeup_suspected(const struct call *, int fd, struct fd_record *);

/* A wait with a limit other than zero returned mask for fd. */
static inline void wakeup(const struct call *c, int fd, struct fd_record *r, uint32_t mask)
{
	uint32_t run = GET(r->run) + 1;
	uint32_t common = run == 1 ? mask : GET(r->run_mask) & mask;
	PUT(r->run_mask, (uint16_t)common);
	PUT(r->run, run);
	PUT(r->mask, (uint16_t)mask);
	PUT(r->attention, EVENT_DELIVERED);
	if (unlikely((run & GET(wakeup_period)) == 0))
		wakeup_suspected(c, fd, r);
}

/* What the application then did with fd. error is errno when result is -1. */
enum attempt { INPUT, PEEK, OUTPUT, ACCEPT, OTHER_USE };
/* A call that is not at hand failed, perhaps with EBADF, for a number without a record. */
void judge_beyond(int number);
void attempt_noted(int fd, struct fd_record *, enum attempt, int64_t result, size_t asked);

static inline void attempted(int fd, enum attempt attempt, int64_t result, size_t asked)
{
	struct fd_record *r = fd_find(fd);
	if (unlikely(!r)) {
		if (result < 0)
			judge_beyond(fd);
	} else if (unlikely(fd_attended(r))) {
		attempt_noted(fd, r, attempt, result, asked);
	}
}

/* Something was done that serves whatever was reported: the run is over. */
void wakeups_served(struct fd_record *);
/* The program says that it took all there was (pollcheck.h): what EAGAIN says, as often as it
 * likes. */
void wakeups_drained(struct fd_record *);
/* A number became free: whoever waits for one in accept(2) has made progress. */
void wakeups_number_freed(void);
extern _Atomic int
	wakeups_starved_listener; /* fd + 1 of a listener whose accept had no number left */

/* Whether single-bit masks were always served and this wider one never: the mark of revents ==
 * POLLIN. */
bool wakeups_equality_test(const struct fd_record *, uint32_t mask);

#endif

/* The events of a thread's last wait, while it serves them: one may be of a file that was closed
 * meanwhile, by this thread or by another. A wait costs a few stores to a cache line of the
 * thread's own, an event two bytes in the record of its descriptor. */
#ifndef POLLCHECK_BATCH_H
#define POLLCHECK_BATCH_H

#include "fdtable.h"
#include "swap.h"
#include "wakeups.h"

enum { BATCH_THREADS = 1024, BATCH_NUMBERS = 64, STALE_MOST = 4 };

/* Closed with an event of the batch at hand unserved; the number may be given to a new file before
 * the program comes to that event. */
struct stale_event {
	int fd;
	uint32_t generation; /* of the new file; 0: not yet */
	uint16_t mask, registered_site, closed_site;
	bool accepted; /* the new file came from accept(2) */
};

/* A cache line and its stale events for each thread. */
struct batch {
	_Alignas(64) _Atomic uint16_t stamp; /* thread << 6 | number modulo 64 */
	int epfd;
	bool several; /* events; false: no batch is being served */
	uint32_t stale_count;
	struct stale_event stale[STALE_MOST];
};

uint16_t batch_new(const struct call *);
void batch_over(void);

/* A wait returned c->result events. What they are to be stamped with: 0 for one that nothing can
 * come between. */
static inline uint16_t batch_begins(const struct call *c)
{
	if (c->result > 1 || !ONE_THREAD)
		return batch_new(c);
	if (self.batch)
		batch_over();
	return 0;
}

/* Before fd, which has an unserved event, is closed. */
void batch_closing(int fd, struct fd_record *, const void *site);
/* fd_born, while self.batch->stale_count: the attention a new file of this number deserves. */
uint8_t batch_reborn(int fd, const struct fd_record *);
void batch_accepted(int fd, struct fd_record *);
/* A descriptor whose attention says STALE_EVENT or FRESH was used. */
void batch_attempted(int fd, struct fd_record *, enum attempt, int64_t result, int error);

/* From the first stale event on, so that a program that reads at once what it accepts is known. */
extern _Atomic bool batch_learning;

static inline bool batch_stale(void)
{
	return unlikely(self.batch && self.batch->stale_count);
}

/* The other thread that was told of an event of fd and, by all that was seen, serves it now; 0:
 * none. */
uint32_t batch_elsewhere(const struct fd_record *);

#endif

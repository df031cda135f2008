/* Which call each thread waits in, for whoever closes what it waits for. A wait costs two stores;
 * what it waits for is read from the waiting thread's own struct call, and only when another thread
 * closes something. */
#ifndef POLLCHECK_WAITING_H
#define POLLCHECK_WAITING_H

#include "fdtable.h"
#include "process.h"
#include "swap.h"

enum { WAITING_THREADS = 1024 };

/* A cache line each: every wait writes its own. */
struct waiting {
	_Alignas(64) const struct call *_Atomic call; /* NULL: not in a wait, as far as we know */
	const void *site; /* of the last wait, whose stack is captured; NULL: look closely at the
			     next */
};
/* Whether a thread that is not alone ever waited, by epoll_wait and by poll or select. */
extern _Atomic bool waiting_seen, waiting_polled;

/* The first wait of the thread, the first from this place, or one after waiting_expired asked for
 * it. */
void waiting_met(const struct call *);
/* A wait returned 0. */
void waiting_expired(const struct call *);

/* Left by siglongjmp(3) or cancellation, a wait stays published: the kernel is asked before one is
 * believed. A handler that waits itself takes the place of the wait it interrupts, which ends with
 * EINTR (signal(7)). */
static inline void waiting_begins(const struct call *c)
{
	struct waiting *w = self.waiting;
	if (!w && ONE_THREAD)
		return;
	if (unlikely(!w || w->site != c->site))
		waiting_met(c);
	else
		PUT(w->call, c);
}

static inline void waiting_ended(void)
{
	if (self.waiting)
		PUT(self.waiting->call, NULL);
}

/* Whether a thread is in a wait, as far as we know. */
bool waiting_now(uint32_t thread);

struct waiter {
	struct call call; /* a copy of the wait; what it points to is the other thread's */
	uint32_t thread;
};

/* Another thread that sleeps in a wait for fd this moment, by the word of the kernel. Makes system
 * calls, so that poll and select are looked at a hundredth of the time at most. */
bool waiting_for(int fd, struct waiter *);

/* Before a close: whether there is reason to ask. */
static inline bool waiting_matters(int fd)
{
	if (likely(!GET(waiting_seen)))
		return false;
	struct fd_record *r = fd_find(fd);
	return GET(waiting_polled) || (r && GET(r->kind) == FD_EPOLL);
}

#endif

/* What select(2) wrote over its own arguments, and whether the program passes that again: the sets
 * it left, the time it left. One history for each thread, of the site it looked at last. */
#ifndef POLLCHECK_SETS_H
#define POLLCHECK_SETS_H

#include "call.h"

enum { SELECTING_THREADS = 1024 };

/* Whether this call of this thread is to be looked at: the one before it from there left something
 * that only the next can explain. */
static inline bool select_awaited(const struct call *c)
{
	return unlikely(self.select_site == c->site);
}

/* Before a select that is looked at, and after it: c->asked is there. */
void sets_asked(struct call *);
void sets_left(struct call *);
void timeval_left(struct call *);
/* After any select that returned 0. */
void timeval_expired(const struct call *);

#endif

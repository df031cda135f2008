/* The real calls: the next definition of every interposed name in the search order of ld.so(8). */
#ifndef POLLCHECK_REAL_H
#define POLLCHECK_REAL_H

#include "calls.h"

struct real_calls {
#define CALL(name, kind, roles) __typeof__(name) *name;
#include "calls.def"
#undef CALL
};
extern struct real_calls real;

/* Fills all of `real`; run by the constructor. */
void real_find_all(void);
/* The address of one, looked up now: a constructor that ran before ours calls it. */
void *real_find(enum call_id);

#define REAL(name)                                                                                 \
	(__builtin_expect(real.name != NULL, 1) ? real.name                                        \
						: (__typeof__(real.name))real_find(CALL_##name))

#endif

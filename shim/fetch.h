/* Copies application memory that the kernel has not accepted yet, without ever faulting. */
#ifndef POLLCHECK_FETCH_H
#define POLLCHECK_FETCH_H

#include "call.h"

/* False when from could not be read whole, or when no system call may be made. About 1 µs. */
bool fetch(void *to, const void *from, size_t size);
bool fetch_timeout(const struct call *, struct timeout *to);
/* What select was given, in one go. */
void fetch_asked(const struct call *, struct asked *);

#endif

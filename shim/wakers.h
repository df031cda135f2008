/* Wake-up pipes and socket pairs: an event loop reads one end, others write a few bytes to the
 * other to wake it. If that end blocks, whoever wakes sleeps once it is full; the loop itself for
 * ever. */
#ifndef POLLCHECK_WAKERS_H
#define POLLCHECK_WAKERS_H

#include "fdtable.h"

/* Two ends were born: of a pipe, the second is for writing. */
void waker_pair(const int fds[2]);

static inline bool may_be_woken(struct fd_record *r)
{
	return GET(r->kind) == FD_PIPE || GET(r->kind) == FD_UNIX_STREAM;
}

/* An event of fd was served by a read of result bytes. */
void waker_read(int fd, struct fd_record *, int64_t result, size_t asked);
/* Before size bytes are written to fd, which WAKES. */
void waker_writes(int fd, struct fd_record *, size_t size, enum call_id, const void *site);

#endif

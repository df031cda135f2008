/* Turns of an event loop that go to one descriptor: reads of it in a row by a thread that waits at
 * times, with no wait between them. */
#ifndef POLLCHECK_TURNS_H
#define POLLCHECK_TURNS_H

#include "fdtable.h"

/* fd was read with success, or with an end or refusal, which ends the row. */
void turn_read(int fd, struct fd_record *, int64_t result);
/* Before fd, of which a row is counted, is read again. */
void turn_goes_on(int fd, enum call_id, const void *site);

/* The rows of one turn in so many are counted: the others cost little. */
enum { TURNS_COUNTED = 4 };

#endif

/* A line on a terminal while something takes longer than a second, or than POLLCHECK_PATIENCE
 * milliseconds. */
#ifndef POLLCHECK_PROGRESS_H
#define POLLCHECK_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

/* prints_meanwhile: standard output gets lines of its own, which show that it goes on. */
void progress_begin(bool prints_meanwhile);
/* Looks at the clock. what: "events read", say. */
void progress(uint64_t done, const char *what);
/* Takes the line away, so that what follows has a clean one. */
void progress_end(void);

#endif

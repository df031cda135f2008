/* A line on a terminal while something takes longer than a second. */
#ifndef POLLCHECK_PROGRESS_H
#define POLLCHECK_PROGRESS_H

#include <stdint.h>

/* Cheap: looks at the clock every few thousand times. what: "events read", say. */
void progress(uint64_t done, const char *what);
/* Takes the line away, so that what follows has a clean one. */
void progress_end(void);

#endif

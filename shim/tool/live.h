/* What was added to a trace since it was looked at last. */
#ifndef POLLCHECK_LIVE_H
#define POLLCHECK_LIVE_H

#include "gather.h"

/* Folders of ours with copies of the packets that grew, to be read and given to gather_end. False:
 * nothing was added. */
bool live_gather(struct gathered *, const char *path);
/* Whether a process of the trace is there to add more. */
bool live_goes_on(const char *path);

#endif

/* Pollfd arrays that another thread changes while poll(2) sleeps on them: the kernel took its copy
 * when the call began. Looked at after a wait that slept for a second in vain, and at the first. */
#ifndef POLLCHECK_CHANGED_H
#define POLLCHECK_CHANGED_H

#include "call.h"

/* Before a wait of this thread; true: the array was copied, and the next wait is to come here too.
 */
bool changed_begins(uint32_t thread, const struct call *);
/* The wait returned 0; true: the next one is to come here. */
bool changed_expired(uint32_t thread, const struct call *);

#endif

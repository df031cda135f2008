/* Registrations that may have outlived their descriptor's close (epoll(7), Questions and answers
 * 6). Suspected at the close, when the open file description may have another holder; asked of the
 * kernel a moment later, for a child that is about to execute another program holds its copies only
 * until then. */
#ifndef POLLCHECK_GHOSTS_H
#define POLLCHECK_GHOSTS_H

#include "call.h"

struct fd_record;

extern _Atomic uint32_t ghosts_suspected; /* how many wait to be asked about */
/* Those, and the suspected stalls: whether there is anything to judge before a wait. */
extern _Atomic uint32_t suspicions;

/* fd, registered with instance, was closed; its record is still that of the closed generation. */
void ghost_suspect(int fd, struct fd_record *, uint16_t instance);
/* This process has a new child. */
void ghosts_forked(void);
/* How many with data wider than a number were proven, and what is said when an event of one comes.
 */
extern _Atomic uint32_t ghosts_proven;
void ghost_delivered(const struct call *, uint16_t instance, const struct epoll_event *);
/* Before a wait: asks /proc/self/fdinfo about those of this instance that are due. */
void ghosts_judge(const struct call *);

#endif

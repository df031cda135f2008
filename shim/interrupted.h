/* Waits that a signal ended (EINTR, signal(7)): what the program does next tells whether it meant
 * that. One history for each thread. */
#ifndef POLLCHECK_INTERRUPTED_H
#define POLLCHECK_INTERRUPTED_H

#include "call.h"

/* A wait returned EINTR. */
void interrupted(struct call *);
/* Before the waits that follow, while self.interrupted. */
void interrupted_before(const struct call *);
/* Before fd is closed, while self.interrupted. */
void interrupted_closes(int fd);
/* The process ends, in this thread; its last chance to say what became of its loops. */
void interrupted_end(void);
/* A child of fork begins: what its parent's waits met is not its own. */
void interrupted_forked(void);
/* The EINTR that this thread's wait is about to return is ours (inject=eintr). */
void interrupted_by_us(void);

#endif

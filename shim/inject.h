/* inject=eintr: each wait that may block, and that a signal could end, fails once with EINTR, for
 * each place it is made from. */
#ifndef POLLCHECK_INJECT_H
#define POLLCHECK_INJECT_H

/* Puts itself between the wrappers and the real calls; once, from the constructor. */
void inject_start(void);

#endif

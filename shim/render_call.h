/* A call in strace's notation, for the log and for findings. Reads application memory only where
 * the kernel accepted it in that very call; elsewhere through fetch, and prints the address where
 * that fails. */
#ifndef POLLCHECK_RENDER_CALL_H
#define POLLCHECK_RENDER_CALL_H

#include "call.h"
#include "text.h"

/* Where a trace does not have what an argument pointed to; shown as "...". No memory is there: the
 * kernel's own errors lie in this page (IS_ERR_VALUE). */
#define NOT_KEPT ((const void *)-4096)

/* most: how many array entries are shown before "..."; strace shows 32. */
void render_call(struct text *, const struct call *, int most);
/* "EPOLL_CTL_ADD", or the number */
void render_op(struct text *, int op);

/* Its parts; those of select in render_select.c. */
void render_pointer(struct text *, const void *);
void render_time(struct text *, const struct call *, const struct timeout *);
void render_asked_sets(struct text *, const struct call *, int most);
void render_answered_sets(struct text *, const struct call *, int most);

#endif

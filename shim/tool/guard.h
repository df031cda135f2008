/* libbabeltrace2 aborts where it finds something that its authors held impossible; with a damaged
 * trace little is. A program may leave an abort by siglongjmp (abort(3)). What was being called is
 * not called again. */
#ifndef POLLCHECK_GUARD_H
#define POLLCHECK_GUARD_H

#include <setjmp.h>
#include <stdbool.h>

extern sigjmp_buf guard_return;

/* Between these two, an abort of this thread returns to sigsetjmp(guard_return, 0), and what is
 * written to stderr, a picture and a line of source, is not shown. */
void guard_begin(void);
void guard_end(void);

#endif

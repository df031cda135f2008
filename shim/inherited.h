/* Standard descriptors that were there when the program began. O_NONBLOCK belongs to the open file
 * description, which the shell and other programs have too (fcntl(2) F_SETFL). */
#ifndef POLLCHECK_INHERITED_H
#define POLLCHECK_INHERITED_H

#include "call.h"

static inline bool inherited_number(int fd)
{
	return unlikely((unsigned)fd <= STDERR_FILENO) && watched();
}

/* Before and after a call that sets or clears the flag. */
void inherited_setting(int fd);
void inherited_set(int fd, bool on, enum call_id, const void *site);
/* When the process ends, or is about to execute another program. */
void inherited_left(bool executing);

#endif

/* refuse: the command's own endings. One line to standard error, then exit, with the statuses
 * env(1) and the shells taught everybody. */
#ifndef POLLCHECK_REFUSE_H
#define POLLCHECK_REFUSE_H

#include "say.h"

#include <stdlib.h>

enum { USAGE = 2, FAILED = 125, NOT_EXECUTABLE = 126, NOT_FOUND = 127 };

#define refuse(status, ...)                                                                        \
	do {                                                                                       \
		say(__VA_ARGS__);                                                                  \
		exit(status);                                                                      \
	} while (0)

#endif

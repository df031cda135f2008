/* What the program told us with pollcheck.h. */
#ifndef POLLCHECK_ANNOTATIONS_H
#define POLLCHECK_ANNOTATIONS_H

#include "judge.h"

/* Whether the program answers for the descriptor that the finding is about. */
bool annotations_ignore(const struct evidence *);

/* Whether the instance is declared idle. */
bool annotations_idle(int epfd);

#endif

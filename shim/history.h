/* The history of what a finding is about: opened, registered, duplicated, closed, and its number
 * given to another file; each with the stack of the call. */
#ifndef POLLCHECK_HISTORY_H
#define POLLCHECK_HISTORY_H

#include "judge.h"

void history_relate(struct finding *, const struct evidence *);

#endif

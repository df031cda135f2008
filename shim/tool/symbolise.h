/* Functions, source files and lines for the frames of a finding. */
#ifndef POLLCHECK_SYMBOLISE_H
#define POLLCHECK_SYMBOLISE_H

#include "finding.h"

/* Fills function, file and line of each frame whose module is still the file that ran and says. */
void symbolise(struct finding *);
void symbolise_stack(struct stack *);

#endif

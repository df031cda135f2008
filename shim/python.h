/* Where a Python program is: its own lines, above the interpreter's frames. */
#ifndef POLLCHECK_PYTHON_H
#define POLLCHECK_PYTHON_H

#include "finding.h"

/* Puts the calling thread's Python frames, innermost first, before those of the stack; changes
 * nothing where the interpreter is not CPython or this thread is none of its own. Makes system
 * calls, and holds a descriptor while it does. One caller at a time. */
void python_lines(struct stack *);

#endif

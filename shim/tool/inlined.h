/* Frames for the functions that the compiler inlined, which have no return address of their own. */
#ifndef POLLCHECK_INLINED_H
#define POLLCHECK_INLINED_H

#include "finding.h"

#include <elfutils/libdwfl.h>

/* Frame i, whose line is known, becomes one frame for each function inlined around the address and
 * one for the function they are in. Returns the index of the last, which has yet to be named. */
uint32_t inlined_expand(struct stack *, uint32_t i, Dwfl_Module *, Dwarf_Addr);

/* The end of a path that is too long says more than its beginning. */
void frame_set_line(struct frame *, const char *file, uint32_t line);

#endif

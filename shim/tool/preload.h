/* The library: where it is, and how it gets in front of the program's own libraries. */
#ifndef POLLCHECK_PRELOAD_H
#define POLLCHECK_PRELOAD_H

#include "program.h"

/* chosen if not NULL, else the library beside the command, else the installed one; ends the command
 * when there is none. */
const char *preload_library(const char *chosen);

/* Puts the library first in LD_PRELOAD, after nothing but the program's ASan runtime. */
void preload_export(const struct program *, const char *library);

#endif

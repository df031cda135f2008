/* The library and its auditor: where they are, and how ld.so(8) learns of them. */
#ifndef POLLCHECK_PRELOAD_H
#define POLLCHECK_PRELOAD_H

#include "program.h"

/* chosen if not NULL, else the library beside the command, else the installed one; ends the command
 * when there is none. */
const char *preload_library(const char *chosen);

/* Puts the library first in LD_PRELOAD, after nothing but the program's ASan runtime. */
void preload_export(const struct program *, const char *library);

/* Puts the auditor that lies beside the library first in LD_AUDIT; ends the command when there is
 * none. */
void preload_audit(const char *library);

#endif

/* The program to run: where it is, and whether a preloaded library can reach it. */
#ifndef POLLCHECK_PROGRAM_H
#define POLLCHECK_PROGRAM_H

#include <limits.h>
#include <stdbool.h>

struct program {
	char path[PATH_MAX];
	bool elf;           /* the file that is really loaded is an ELF file */
	char sanitizer[64]; /* soname of an ASan runtime, which must come first in LD_PRELOAD */
	bool reachable;     /* the library is expected to get into it */
	bool preload;       /* false where LD_PRELOAD would only make ld.so complain */
};

/* Looks name up as execvp(3) does; ends the command with NOT_FOUND or NOT_EXECUTABLE. */
struct program program_find(const char *name);

/* Says in one line why the library cannot reach the program, if so, and what to use instead. */
void program_inspect(struct program *, const char *name, const char *library);

#endif

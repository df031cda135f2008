/* Folders of ours, in which packets are put together to be read. */
#ifndef POLLCHECK_SCRATCH_H
#define POLLCHECK_SCRATCH_H

#include <stddef.h>

/* In memory of its own. */
char *path_joined(const char *folder, const char *name);

/* Below TMPDIR; path is set. These end the command when it cannot be. */
void scratch_make(char *path, size_t size);
/* The file of another folder, under its name. */
void scratch_link(const char *scratch, const char *folder, const char *name);
/* With all that is in it. */
void scratch_remove(const char *scratch);

#endif

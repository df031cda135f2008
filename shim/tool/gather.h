/* Finds the folders of a trace that can be read; of a damaged one, makes a folder of what is whole.
 */
#ifndef POLLCHECK_GATHER_H
#define POLLCHECK_GATHER_H

#include <stdbool.h>
#include <stddef.h>

enum { FOLDERS_MAX = 4096 };

struct gathered {
	char *folders[FOLDERS_MAX];
	bool made[FOLDERS_MAX]; /* by us, to be removed */
	size_t count;
};

/* damaged(what, why) is called for what is left out. Ends the command when path holds no trace. */
void gather(struct gathered *, const char *path, void (*damaged)(const char *, const char *));

/* Removes what was made. */
void gather_end(struct gathered *);

#endif

/* Finds the folders of a trace that can be read; of a damaged one, makes a folder of what is whole.
 */
#ifndef POLLCHECK_GATHER_H
#define POLLCHECK_GATHER_H

#include <stdbool.h>
#include <stddef.h>

enum { FOLDERS_MAX = 4096 };

struct gathered_folder {
	char *path;
	char *from; /* what messages call it; NULL: its damage is told already */
	bool made;  /* by us, to be removed */
};

struct gathered {
	struct gathered_folder of[FOLDERS_MAX];
	size_t count;
};

/* path is in memory that gather_end frees. */
void gather_add(struct gathered *, char *path, const char *from, bool made);
/* Adds the folders of the processes in path, or path itself. Ends the command when there is none.
 */
void gather_find(struct gathered *, const char *path);

/* damaged(what, why) is called for what is left out. */
void gather(struct gathered *, const char *path, void (*damaged)(const char *, const char *));
/* The same of folders that were found; those stay the caller's, and are needed while these are. */
void gather_whole(struct gathered *, const struct gathered *found,
	void (*damaged)(const char *, const char *));

/* Removes what was made. */
void gather_end(struct gathered *);

#endif

/* Which of the programs executed from here are watched, too: their environment (environ(7))
 * decides. */
#ifndef POLLCHECK_FOLLOW_H
#define POLLCHECK_FOLLOW_H

#include "config.h"

#include <alloca.h>
#include <stddef.h>

/* Once, from the constructor, when the options are known. */
void follow_start(void);

/* How many pointers envp has when it is given back what of ours is missing in it; 0: it stays as it
 * is. */
size_t follow_room(char *const envp[]);
char *const *follow_into(char **room, char *const envp[]);

/* envp, with our variables where follow=always says so. It lives until the function returns, as
 * must be in the child of a vfork, which may not allocate. */
#define FOLLOWED(envp)                                                                             \
	({                                                                                         \
		size_t room = follow_room(envp);                                                   \
		room ? follow_into(alloca(room * sizeof(char *)), envp) : (char *const *)(envp);   \
	})

/* Whether execv(3) and its kin, which take environ, are to be made with another environment. */
#define FOLLOWS (config.follow == FOLLOW_ALWAYS)

#endif

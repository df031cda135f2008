/* What is whole of a folder that libbabeltrace2 refuses. */
#ifndef POLLCHECK_SALVAGE_H
#define POLLCHECK_SALVAGE_H

#include "gather.h"

/* Adds folders of ours with the packets that can be read; damaged(what, why) is called for the
 * others. */
void salvage(struct gathered *, const struct gathered_folder *,
	void (*damaged)(const char *, const char *));

#endif

/* The reading end of the channel (finding.h): a file that the program's processes map and fill. */
#ifndef POLLCHECK_TOOL_CHANNEL_H
#define POLLCHECK_TOOL_CHANNEL_H

#include "finding.h"

#include <stdbool.h>

/* Makes the file; ends the command when that is impossible. channel_remove unlinks it. */
const char *channel_create(void);
void channel_remove(void);

/* Copies the next record that is whole and unread; false when there is none now. The program may
 * have written anything, so strings are ended and numbers brought into range. */
bool channel_next(struct channel_record *);

/* Processes that outlive the command write elsewhere from now on. */
void channel_close(void);

unsigned channel_loaded(void);
uint64_t channel_lost(void);

#endif

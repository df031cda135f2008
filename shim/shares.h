/* How many numbers name one open file description: dup(2) and its kin add one, close(2) takes one
 * away. fdtable.c alone asks. */
#ifndef POLLCHECK_SHARES_H
#define POLLCHECK_SHARES_H

#include "fdtable.h"

/* SHARE_UNKNOWN: there was no room for another; 0: one number. */
enum { SHARES = 4096, SHARE_UNKNOWN = SHARES };

/* The description of this record has a number more from now on. */
uint16_t share_joined(struct fd_record *);
bool share_has_others(uint16_t share);
/* One number less; true when it was the last one of this process: the share is to be freed. */
bool share_left(uint16_t share);
void share_freed(uint16_t share);

#endif

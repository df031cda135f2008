/* How many numbers name one open file description: dup(2) and its kin add one, close(2) takes one
 * away. */
#ifndef POLLCHECK_SHARES_H
#define POLLCHECK_SHARES_H

#include "fdtable.h"
#include "swap.h"

/* SHARE_UNKNOWN: there was no room for another; 0: one number. */
enum { SHARES = 4096, SHARE_UNKNOWN = SHARES };

/* How many numbers name one open file description, and one more; only duplicated ones have an
 * entry. 1: the last one is about to free it. */
enum { SHARE_FREE = 0, ONE_NUMBER = 2 };
extern _Atomic uint32_t shares[SHARES];

/* The description of this record has a number more from now on. */
uint16_t share_joined(struct fd_record *);
static inline bool share_has_others(uint16_t index)
{
	return index && (index == SHARE_UNKNOWN || GET(shares[index]) > ONE_NUMBER);
}

/* One number less; true when it was the last one of this process: the share is to be freed. */
static inline bool share_left(uint16_t index)
{
	if (index == 0)
		return true;
	return index != SHARE_UNKNOWN && add32(&shares[index], UINT32_MAX) == ONE_NUMBER;
}

void share_freed(uint16_t share);

#endif

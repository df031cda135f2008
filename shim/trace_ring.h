/* The packets of this process's trace: files of its folder, mapped shared, so that what is stored
 * in them outlives the process however it ends. They are made one by one until trace_size is
 * reached; from then on the oldest that is finished is overwritten, which takes no system call. */
#ifndef POLLCHECK_TRACE_RING_H
#define POLLCHECK_TRACE_RING_H

#include "trace_layout.h"

#include <stdbool.h>

enum { PACKET_LEAST = 16 << 10, PACKET_MOST = 1 << 20, SLOTS = 16384 };

/* Where a packet is; its index is the file's name. */
struct slot {
	_Atomic uint64_t finished; /* the how-manieth that was; 0: not yet, or not there */
	struct packet *packet;
	uint32_t size;
	uint32_t events; /* how many it had when it was finished */
};

struct ring {
	char folder[1024];
	uint8_t uuid[16];
	uint64_t limit;     /* bytes of class 0; UINT64_MAX: none */
	_Atomic bool full;  /* no file can be made any more */
	_Atomic bool spoke; /* and that was said */
	_Atomic uint32_t made;
	_Atomic uint64_t bytes, finished, overwritten;
	struct slot slots[SLOTS];
};

/* What to do about an error of making files there, "; …"; "" when there is nothing to say. */
const char *trace_hint(int error);
/* The largest packet that is made; smaller in a small ring, so that it holds several. */
uint32_t ring_largest(const struct ring *);
/* A packet in a new file, beginning with head; NULL when none may be made or none can be. beyond:
 * even where trace_size is reached. */
struct slot *ring_made(struct ring *, uint32_t size, const struct packet *head, bool beyond);
/* The one finished longest ago that has room, to be begun anew; NULL when there is none. */
struct slot *ring_oldest(struct ring *, uint32_t size);
/* Makes some, to be begun anew when no system call may be made any more. */
void ring_stock(struct ring *, struct packet *head);
/* Nobody writes to it any more. */
void ring_finished(struct ring *, struct slot *, uint64_t events);

#endif

/* Stalls to come: what a program left undone, noted when it is left and judged only after the
 * thread that left it has blocked for a second or more in a wait and is about to wait again. Most
 * programs never leave anything: their waits pay one load. */
#ifndef POLLCHECK_STALLS_H
#define POLLCHECK_STALLS_H

#include "wakeups.h"

enum stall {
	STALL_EDGE,    /* edge-triggered input was taken in part */
	STALL_OUTPUT,  /* a write was refused or cut short */
	STALL_ONESHOT, /* an EPOLLONESHOT fired and was not armed again */
	STALLS
};

extern _Atomic uint32_t stalls_suspected; /* how many there are */

/* Around a wait, the first only while there are any. */
void stall_wait_begins(struct call *);
void stall_wait_returned(struct call *);

/* Edge-triggered input of r's descriptor: an attempt to take it; it is reported again; it counts no
 * more. */
void stall_input(int fd, struct fd_record *, enum attempt, int64_t result, size_t asked);
void stall_edge_again(const struct call *, int fd, struct fd_record *);
void stall_edge_over(int fd, struct fd_record *);

/* A write to a descriptor that does not block, or that owes output: result of asked bytes, 0 if
 * nobody knows how many were meant. */
void stall_output(int fd, struct fd_record *, int64_t result, size_t asked);

/* Whether the wait returns when its time is up. */
bool stall_wait_has_limit(const struct call *);

/* Some EPOLLONESHOT fired; one that had fired was armed again. */
void stall_oneshot_fired(void);
void stall_rearmed(void);

/* fd was closed. */
void stalls_forget(int fd, uint32_t generation);

/* What is known of the program's ways: it went on with input it had left, without being told again;
 * it owes output somewhere; it arms one-shots again. */
bool stall_remembers(void);
bool stall_owing(void);
bool stall_rearms(void);

#endif

/* Call sites and stacks. A site is a return address into the application, captured with the chain
 * above it the first time it is seen; later calls from there cost one comparison. Where the
 * function it is in was called from counts too if asked for: then there is a site for each such
 * caller. */
#ifndef POLLCHECK_STACK_H
#define POLLCHECK_STACK_H

#include "calls.h"
#include "finding.h"

#include <stdbool.h>
#include <stddef.h>

enum { SITES_MOST = 4096 + 2048 };

/* The number of a site, from 1; 0 when the table is full. */
uint16_t site_of(const void *return_address);
/* The same for this caller of the function; to be called by the thread, and below the wrapper, that
 * returns there. from: the wrapper's frame, or one on the way to it; NULL: to be sought from here.
 */
uint16_t site_with_caller(const void *return_address, const void *from);
/* Where the frame of the function that makes this call ends, from that function's stack pointer up;
 * NULL when it cannot be told. To be called as the former. */
const char *site_frame_end(const void *return_address, const void *from);
/* The chain captured there, into a finding's stack. */
void site_stack(uint16_t site, struct stack *);
const void *site_address(uint16_t site);
/* The same frame by frame, the innermost being 0. */
uint16_t site_depth(uint16_t site);
void site_frame(uint16_t site, uint16_t nth, struct frame *);

/* Whether this call from the site is one to look at closely: the 1st, 2nd, 4th, 8th, …
 */
bool site_due(uint16_t site);
/* The same for what select is given, where a look takes system calls: of the first 512 calls, and
 * then of those that find that a descriptor was opened since. */
bool site_selects(uint16_t site);

/* The chain of the calling thread, from the application's frame return_address on. */
void stack_here(const void *return_address, struct stack *);

/* Which call of ours the application made, and from where. */
void stack_caller(enum call_id *, const void **site);

/* Where the frame of this thread's stack ends that holds address; NULL when none is known to. */
const char *frame_end(const void *address);

/* Whether it is in the auditor, through which callers come that no preload reaches. */
bool is_auditor(const void *address);
/* One address: module, ELF offset, build id, nearest dynamic symbol. */
void frame_of(const void *address, struct frame *);
bool module_is_ours(const void *address);
/* Reads the path of the main program; once, from the constructor. */
void module_start(void);
const char *module_program(void);

#endif

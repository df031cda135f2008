/* Who called the function a call came from: one read of the stack instead of an unwinding, so that
 * what a program does through one function of its own is told apart by that function's callers. */
#ifndef POLLCHECK_CALLER_H
#define POLLCHECK_CALLER_H

#include "call.h"

/* How the return address of a function is found from a call in it: not at all (0), above its frame
 * pointer, or that many bytes above the stack pointer. */
enum { BY_FRAME_POINTER = -1 };

/* Learnt from what the unwinder just said of the call that returns to site: the stack pointer
 * there, the end of its frame (the canonical frame address of DWARF), and the return address. */
int32_t caller_rule(const void *site, uintptr_t stack, uintptr_t end, const void *caller);

/* This library's code; ld(1) and lld provide both ends. */
extern const char __ehdr_start[] __attribute__((visibility("hidden")));
extern const char etext[] __attribute__((visibility("hidden")));

/* The frame record of our function that returns to site: its caller's frame pointer, and site. Ours
 * all have one (-fno-omit-frame-pointer); no others are followed, as they may hold anything there.
 * from: where to begin, a frame of ours further out than this one; NULL: here.
 * NULL when site is not what a wrapper below returns to. */
static inline const uintptr_t *caller_frame(const void *site, const void *from)
{
	const uintptr_t *frame = from ? from : __builtin_frame_address(0);
	while (frame[1] != (uintptr_t)site) {
		if (frame[1] - (uintptr_t)__ehdr_start >= (uintptr_t)(etext - __ehdr_start))
			return NULL;
		frame = (const uintptr_t *)frame[0];
	}
	return frame;
}

/* Where the return address is in a later call; NULL when it cannot be told. */
static inline const void *const *caller_place(const void *site, const void *from, int32_t rule)
{
	const uintptr_t *frame = caller_frame(site, from);
	if (unlikely(!frame))
		return NULL;
	uintptr_t place = rule == BY_FRAME_POINTER ? frame[0] + sizeof(void *)
						   : (uintptr_t)(frame + 2) + (uintptr_t)rule;
	return (const void *const *)place;
}

#endif

/* A function either keeps a frame pointer, or the size of its frame at a given instruction is
 * constant: unwind tables have no third form but for odd assembly. So what the unwinder found once
 * at a call site holds for each later call from there. */
#include "caller.h"

enum { FRAME_MOST = 65536, WORD = sizeof(void *) };

static bool keeps_frame_pointer(
	uintptr_t pointer, uintptr_t stack, uintptr_t end, const void *caller)
{
	return pointer >= stack && pointer % WORD == 0 && pointer + 2 * WORD <= end &&
	       ((const uintptr_t *)pointer)[1] == (uintptr_t)caller;
}

int32_t caller_rule(const void *site, uintptr_t stack, uintptr_t end, const void *caller)
{
	const uintptr_t *frame = caller_frame(site);
	if (!frame || end <= stack)
		return 0;
	if (keeps_frame_pointer(frame[0], stack, end, caller))
		return BY_FRAME_POINTER;
#if defined __x86_64__ || defined __i386__
	/* the return address is the first word of a frame, and the wrapper's record the last of the
	 * wrapper's */
	uintptr_t distance = end - WORD - stack;
	if (stack == (uintptr_t)(frame + 2) && distance < FRAME_MOST &&
		*(const uintptr_t *)(end - WORD) == (uintptr_t)caller)
		return (int32_t)distance;
#endif
	return 0;
}

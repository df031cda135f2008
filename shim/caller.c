/* A function either keeps a frame pointer, or the size of its frame at a given instruction is
 * constant: unwind tables have no third form but for odd assembly. So what the unwinder found once
 * at a call site holds for each later call from there. */
#include "caller.h"
/* the one way to tell Memcheck of such a word; its header's license lets any program carry it */
#if __has_include(<valgrind/memcheck.h>)
#include <valgrind/memcheck.h>
#else
#define VALGRIND_MAKE_MEM_DEFINED(start, size) ((void)0)
#endif

enum { FRAME_MOST = 65536, WORD = sizeof(void *) };

/* Of two words the program may never have written: the register is its own to use, and may point
 * at anything in its frame. Where it is a frame pointer, both were. */
static bool keeps_frame_pointer(
	uintptr_t pointer, uintptr_t stack, uintptr_t end, const void *caller)
{
	VALGRIND_MAKE_MEM_DEFINED(&pointer, sizeof pointer);
	if (pointer < stack || pointer % WORD || pointer > end - 2 * WORD)
		return false;
	uintptr_t word = ((const uintptr_t *)pointer)[1];
	VALGRIND_MAKE_MEM_DEFINED(&word, sizeof word);
	return word == (uintptr_t)caller;
}

int32_t caller_rule(const void *site, uintptr_t stack, uintptr_t end, const void *caller)
{
	const uintptr_t *frame = caller_frame(site, NULL);
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

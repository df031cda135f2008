/* The least that looking at a call's result can cost: a wrapper that does nothing with it. Its
 * frame is open across the system call, and a kernel that clears the return predictor on its way
 * (see spec_rstack_overflow, "Safe RET") makes the processor guess that frame's return wrongly. */
#include "calls.h"

static struct calls next;

__attribute__((constructor)) static void find_next(void)
{
	next = calls_of(RTLD_NEXT);
}

#define CALL(type, name, parameters, arguments)                                                    \
	type name parameters                                                                       \
	{                                                                                          \
		type result = next.name arguments;                                                 \
		__asm__ volatile("");                                                              \
		return result;                                                                     \
	}
CALLS(CALL)

/* A function for each call and namespace: it knows by being called whose errno is meant. */
#include "elsewhere.h"

#include "symbols.h"

#include <stdbool.h>

/* ld.so numbers namespaces from 0, the base; the next ones are the auditors'. Of those beyond
 * nothing is watched. */
enum { FIRST = 1, NAMESPACES = 6 };

/* clang-format off */
const char *const call_names[CALLS] = {
#define CALL(name, kind, roles) [CALL_##name] = #name,
#include "../calls.def"
#undef CALL
};

/* What must stay with the caller's own C library: its streams and directories, what its fork and
 * exit run; and what takes arguments on the stack, or more than six. */
static const bool stays[CALLS] = {
	[CALL_fclose] = true, [CALL_fdopen] = true, [CALL_fopen] = true, [CALL_fopen64] = true,
	[CALL_popen] = true, [CALL_pclose] = true, [CALL_freopen] = true, [CALL_freopen64] = true,
	[CALL_closedir] = true, [CALL_fork] = true, [CALL___fork] = true, [CALL__Fork] = true,
	[CALL_vfork] = true, [CALL___vfork] = true, [CALL__exit] = true, [CALL__Exit] = true,
	[CALL_execl] = true, [CALL_execlp] = true, [CALL_execle] = true, [CALL_posix_spawn] = true,
	[CALL_posix_spawnp] = true, [CALL_syscall] = true, [CALL___recvfrom_chk] = true,
};
/* clang-format on */

typedef int *errno_location(void);
typedef long wrapper_call(long, long, long, long, long, long);

static errno_location *errno_of[NAMESPACES];
static wrapper_call *wrappers[CALLS];

/* Inlined, so that each call of each namespace has an address of its own for the library to tell
 * callers apart. The base namespace's errno is not the caller's to change. A failure sets it, and
 * it alone. */
static inline __attribute__((always_inline)) long cross(
	unsigned namespace, unsigned call, long a, long b, long c, long d, long e, long f)
{
	int *base = errno_of[LM_ID_BASE](), kept = *base;
	*base = 0;
	long result = wrappers[call](a, b, c, d, e, f);
	if (*base)
		*errno_of[namespace]() = *base;
	*base = kept;
	return result;
}

/* All arguments are of register size; a call that takes fewer does not look at the others. */
#define THROUGH(namespace, name)                                                                   \
	static long name##_of_##namespace(long a, long b, long c, long d, long e, long f)          \
	{                                                                                          \
		return cross(namespace, CALL_##name, a, b, c, d, e, f);                            \
	}
#define CALL(name, kind, roles)                                                                    \
	THROUGH(1, name) THROUGH(2, name) THROUGH(3, name) THROUGH(4, name) THROUGH(5, name)
#include "../calls.def"
#undef CALL

static wrapper_call *const through[CALLS][NAMESPACES] = {
#define CALL(name, kind, roles)                                                                    \
	[CALL_##name] = {NULL, name##_of_1, name##_of_2, name##_of_3, name##_of_4, name##_of_5},
#include "../calls.def"
#undef CALL
};

void elsewhere_c_library(const struct link_map *map, Lmid_t namespace)
{
	if (namespace >= LM_ID_BASE && namespace < NAMESPACES)
		errno_of[namespace] = (errno_location *)symbol_in(map, "__errno_location");
}

uintptr_t elsewhere(Lmid_t namespace, unsigned call, uintptr_t wrapper)
{
	if (namespace < FIRST || namespace >= NAMESPACES || stays[call] || !errno_of[namespace] ||
		!errno_of[LM_ID_BASE])
		return 0;
	wrappers[call] = (wrapper_call *)wrapper;
	return (uintptr_t)through[call][namespace];
}

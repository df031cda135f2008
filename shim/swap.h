/* Read-modify-write without the bus lock while the process has one thread (x86-64): a locked
 * instruction costs about 6 ns, more than the rest of a witness. One instruction still, so a signal
 * handler that runs between two of ours sees either the old value or the new. */
#ifndef POLLCHECK_SWAP_H
#define POLLCHECK_SWAP_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#if defined __x86_64__ && defined __GLIBC__
#include <sys/single_threaded.h>
#define ONE_THREAD __builtin_expect(__libc_single_threaded, 1)
#define SWAP_ASM(type, suffix, p, expected, desired)                                               \
	do {                                                                                       \
		bool swapped;                                                                      \
		__asm__ volatile(                                                                  \
			"cmpxchg" suffix " %3, %1"                                                 \
			: "=@ccz"(swapped), "+m"(*(volatile type *)(p)), "+a"(*(expected))         \
			: "r"(desired)                                                             \
			: "memory");                                                               \
		return swapped;                                                                    \
	} while (0)
#define ADD_ASM(p, by)                                                                             \
	do {                                                                                       \
		uint32_t was = (by);                                                               \
		__asm__ volatile("xaddl %0, %1"                                                    \
				 : "+r"(was), "+m"(*(volatile uint32_t *)(p))                      \
				 :                                                                 \
				 : "memory", "cc");                                                \
		return was;                                                                        \
	} while (0)
#else
#define ONE_THREAD                                   0
#define SWAP_ASM(type, suffix, p, expected, desired) return false
#define ADD_ASM(p, by)                               return 0
#endif

static inline bool swap32(_Atomic uint32_t *p, uint32_t *expected, uint32_t desired)
{
	if (ONE_THREAD)
		SWAP_ASM(uint32_t, "l", p, expected, desired);
	return atomic_compare_exchange_strong(p, expected, desired);
}

static inline bool swap64(_Atomic uint64_t *p, uint64_t *expected, uint64_t desired)
{
	if (ONE_THREAD)
		SWAP_ASM(uint64_t, "q", p, expected, desired);
	return atomic_compare_exchange_strong(p, expected, desired);
}

static inline uint32_t add32(_Atomic uint32_t *p, uint32_t by)
{
	if (ONE_THREAD)
		ADD_ASM(p, by);
	return atomic_fetch_add(p, by);
}

#endif

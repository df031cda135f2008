/* What the kernel knows of this process's signals, asked for directly: sigaction(2) and its kin are
 * not interposed, for sanitizers and run-times have their own ideas about them. */
#ifndef POLLCHECK_SIGNALS_H
#define POLLCHECK_SIGNALS_H

#include "process.h"

enum { SIGNALS = 64 };

/* The kernel's struct sigaction, as far as all architectures agree. */
struct signal_action {
	unsigned long handler, flags;
	unsigned long rest[3];
};

static inline bool signal_action_of(int number, struct signal_action *to)
{
	return SYSTEM(rt_sigaction, (long)number, NULL, to, 8l) == 0;
}

static inline bool signal_is_caught(const struct signal_action *action)
{
	return action->handler > 1; /* neither SIG_DFL nor SIG_IGN */
}

/* Those this thread blocks, signal n in bit n - 1. */
static inline uint64_t signals_blocked(void)
{
	uint64_t blocked = ~0ull;
	SYSTEM(rt_sigprocmask, (long)SIG_BLOCK, NULL, &blocked, 8l);
	return blocked;
}

#endif

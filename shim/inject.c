/* Takes the place of the real waits in `real`, so that without the option nothing is asked on any
 * path. The answer is one the kernel gives: waits are never restarted after a handler, whatever
 * SA_RESTART says (signal(7)), and leave their arguments as they were. */
#include "inject.h"

#include "config.h"
#include "fetch.h"
#include "interrupted.h"
#include "process.h"
#include "signals.h"
#include "stack.h"

#include <signal.h>
#include <string.h>

static struct real_calls genuine;

enum { SITES_KNOWN = 4096 };
static _Atomic uint64_t interrupted_sites[SITES_KNOWN / 64];

static bool first_from(const void *address)
{
	uint16_t site = site_of(address) % SITES_KNOWN;
	uint64_t bit = 1ull << (site % 64);
	return site && !(atomic_fetch_or(&interrupted_sites[site / 64], bit) & bit);
}

/* poll and select are restarted where no handler ran; epoll_wait fails also when a process that was
 * stopped goes on (signal(7)). */
static bool may_be_interrupted(const char *wait)
{
	struct signal_action action;
	KEEP_ERRNO;
	if (strstr(wait, "epoll"))
		return true;
	for (int number = 1; number <= SIGNALS && may_make_system_calls(); number++)
		if (signal_action_of(number, &action) && signal_is_caught(&action))
			return true;
	return false;
}

static bool refuses(const char *wait, bool may_block, const void *wrapper_caller)
{
	if (!watched() || !may_block || !first_from(wrapper_caller) || !may_be_interrupted(wait))
		return false;
	interrupted_by_us();
	errno = EINTR;
	return true;
}

/* A wait with timeout 0 does not sleep, and what does not sleep is not interrupted. */
static bool is_long(const void *timeout, size_t size)
{
	int64_t time[2] = {0, 0};
	return !timeout || !fetch(time, timeout, size) || time[0] || time[1];
}

/* The wrapper, which has a frame pointer, is our caller; its caller is the program. */
#define PROGRAM_SITE __builtin_extract_return_addr(__builtin_return_address(1))

#pragma GCC diagnostic ignored "-Wframe-address"
#define WAIT(name, may_block, parameters, ...)                                                     \
	static int instead_of_##name parameters                                                    \
	{                                                                                          \
		return refuses(#name, may_block, PROGRAM_SITE) ? -1 : genuine.name(__VA_ARGS__);   \
	}
#include "waits.def"
#undef WAIT

void inject_start(void)
{
	if (!config.inject)
		return;
	genuine = real;
#define WAIT(name, ...) real.name = instead_of_##name;
#include "waits.def"
#undef WAIT
}

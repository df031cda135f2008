/* Finds the thread that waits for a descriptor. Nothing tells it of the close: poll(2) and
 * epoll_wait(2) go on with the file they began with, to their timeout. */
#include "waiting.h"

#include "changed.h"
#include "fetch.h"
#include "stack.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	ENTRIES_MOST = 4096, /* of a pollfd array that are looked through */
	ENTRIES_ONCE = 64,
	SHARE_OF = 100,
	BURST_NS = 100000000,
};

static struct waiting waitings[WAITING_THREADS];
HOT _Atomic bool waiting_seen, waiting_polled;

static bool is_epoll_wait(const struct call *c)
{
	return calls[c->id].roles[0] == EPFD[0];
}

void waiting_met(const struct call *c)
{
	uint32_t thread = process_thread();
	if (thread >= WAITING_THREADS)
		return;
	struct waiting *w = self.waiting = &waitings[thread];
	site_of(c->site); /* captured by the thread that calls: ours shows another stack */
	w->site = changed_begins(thread, c) ? NULL : c->site;
	PUT(w->call, c);
	PUT(waiting_seen, true);
	if (!is_epoll_wait(c))
		PUT(waiting_polled, true);
}

void waiting_expired(const struct call *c)
{
	if (changed_expired(self.ordinal, c))
		self.waiting->site = NULL;
}

bool waiting_now(uint32_t thread)
{
	return thread < WAITING_THREADS && GET(waitings[thread].call);
}

/* --- whether fd is in its wait set --- */

static bool in_array(const struct call *c, int fd)
{
	const struct pollfd *fds = c->array;
	struct pollfd some[ENTRIES_ONCE];
	for (int64_t i = 0; i < c->nfds && i < ENTRIES_MOST; i += ENTRIES_ONCE) {
		int64_t count = c->nfds - i < ENTRIES_ONCE ? c->nfds - i : ENTRIES_ONCE;
		if (!fetch(some, fds + i, (size_t)count * sizeof(*some)))
			return false;
		for (int64_t j = 0; j < count; j++)
			if (some[j].fd == fd)
				return true;
	}
	return false;
}

static bool in_sets(const struct call *c, int fd)
{
	unsigned long word;
	for (int i = 0; fd < c->nfds && i < 3; i++)
		if (fetch(&word, (const long *)c->sets[i] + fd / SET_WORD, sizeof(word)) &&
			(word >> (fd % SET_WORD) & 1))
			return true;
	return false;
}

static bool waits_for(const struct call *c, int fd)
{
	if (is_epoll_wait(c))
		return c->epfd == fd;
	return calls[c->id].roles[0] == FDS[0] ? in_array(c, fd) : in_sets(c, fd);
}

/* --- whether it sleeps --- */

static bool is_wait_number(long number)
{
	static const long numbers[] = {
#ifdef SYS_poll
		SYS_poll,
		SYS_epoll_wait,
#endif
#ifdef SYS__newselect
		SYS__newselect,
#elif defined SYS_select
		SYS_select,
#endif
#ifdef SYS_ppoll_time64
		SYS_ppoll_time64,
		SYS_pselect6_time64,
#endif
		SYS_ppoll,
		SYS_pselect6,
		SYS_epoll_pwait,
		SYS_epoll_pwait2,
	};
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (numbers[i] == number)
			return true;
	return false;
}

static bool same_arguments(const struct call *c, const unsigned long *a)
{
	if (is_epoll_wait(c))
		return (int)a[0] == c->epfd && a[1] == (uintptr_t)c->array;
	if (calls[c->id].roles[0] == FDS[0])
		return a[0] == (uintptr_t)c->array && (uint32_t)a[1] == (uint32_t)c->nfds;
	return (int)a[0] == (int)c->nfds && a[1] == (uintptr_t)c->sets[0] &&
	       a[2] == (uintptr_t)c->sets[1];
}

enum sleep { ASLEEP, AWAKE, ELSEWHERE };

/* False for a thread that is no more. */
static bool task_file(uint32_t thread, const char *name, char *line, size_t size)
{
	char path[64];
	struct text t = TEXT_IN(path);
	text_add(&t, "/proc/self/task/%d/%s", process_tid(thread), name);
	return process_file(path, line, size);
}

/* proc_pid_syscall(5): the number and arguments of the call a thread is blocked in; "running" for
 * one that was woken already. One whose processor has not taken the wake-up in yet is still named
 * as blocked there, while the state of proc_pid_stat(5) is no more S. */
static enum sleep sleep_of(const struct call *c, uint32_t thread)
{
	char line[256], stat[256], *at;
	if (!task_file(thread, "syscall", line, sizeof(line)))
		return ELSEWHERE;
	if (line[0] < '0' || line[0] > '9')
		return AWAKE;
	long number = strtol(line, &at, 10);
	unsigned long arguments[3];
	for (int i = 0; i < 3; i++)
		arguments[i] = strtoul(at, &at, 16);
	if (!is_wait_number(number) || !same_arguments(c, arguments) ||
		!task_file(thread, "stat", stat, sizeof(stat)))
		return ELSEWHERE;
	const char *state = strrchr(stat, ')');
	return state && strncmp(state, ") S", 3) == 0 ? ASLEEP : AWAKE;
}

/* --- the search --- */

/* What was left behind is cleared away, or it would be looked through each time. */
static bool sleeps(const struct call *call, const struct waiter *waiter)
{
	enum sleep sleep = sleep_of(&waiter->call, waiter->thread);
	if (sleep == ELSEWHERE)
		atomic_compare_exchange_strong(&waitings[waiter->thread].call, &call, NULL);
	return sleep == ASLEEP;
}

static bool is_waiter(uint32_t thread, int fd, struct waiter *waiter)
{
	const struct call *call = GET(waitings[thread].call), *c = &waiter->call;
	waiter->thread = thread;
	if (!call || thread == self.ordinal || !process_tid(thread) ||
		!fetch(&waiter->call, call, sizeof(*call)) || (uint32_t)c->id >= CALLS ||
		c->unit == NO_TIMEOUT)
		return false;
	/* garbage of a stack may look like a long array: first whether it is one at all */
	bool brief = c->nfds <= ENTRIES_ONCE || is_epoll_wait(c);
	return (!brief || waits_for(c, fd)) && sleeps(call, waiter) && waits_for(c, fd);
}

static bool search(int fd, struct waiter *waiter)
{
	uint32_t threads = process_thread_count();
	for (uint32_t i = 1; i <= threads && i < WAITING_THREADS; i++)
		if (is_waiter(i, fd, waiter))
			return true;
	return false;
}

static uint64_t time_by(clockid_t clock)
{
	struct timespec t;
	clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* Looking takes one part in SHARE_OF of the time, counted in time of the processor, and at most
 * BURST_NS of what was saved up. */
static _Atomic uint64_t not_before;

static void looked(uint64_t took)
{
	uint64_t from = GET(not_before), least = process_now() - (uint64_t)BURST_NS;
	PUT(not_before, (from > least ? from : least) + took * SHARE_OF);
}

bool waiting_for(int fd, struct waiter *waiter)
{
	struct fd_record *r = fd_find(fd);
	if (!may_make_system_calls() || process_confined)
		return false;
	if (r && GET(r->kind) == FD_EPOLL)
		return search(fd, waiter);
	if (time_by(CLOCK_MONOTONIC_COARSE) < GET(not_before))
		return false;
	uint64_t begin = time_by(CLOCK_THREAD_CPUTIME_ID);
	bool found = search(fd, waiter);
	looked(time_by(CLOCK_THREAD_CPUTIME_ID) - begin);
	return found;
}

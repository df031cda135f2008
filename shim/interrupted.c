/* Three questions about EINTR: does the next wait begin with the whole timeout again and again,
 * does the loop end although no signal asked it to, and would the signal have been noticed at all
 * had it come a moment before the wait? */
#include "interrupted.h"

#include "fetch.h"
#include "judge.h"
#include "process.h"
#include "signals.h"
#include "stack.h"

#include <string.h>

enum {
	THREADS = 1024,
	RESTARTS = 3,    /* at the least, and for half as long again as the timeout */
	GAP_MOST_MS = 1, /* between EINTR and the next wait: a loop that works takes longer */
	END_MOST_MS = 1000,
	SHOWN = 5, /* entries of poll's array kept for the report */
};

static struct interruption {
	enum { NOTHING, INTERRUPTED, RESTARTED } state;
	struct call call; /* the wait; what it points to is copied below */
	struct pollfd fds[SHOWN];
	struct timespec64 timeout;
	uint64_t since, at; /* the first EINTR of a chain, and the last, in ns */
	uint64_t closed_at;
	const void *asked_from; /* the site that times counts */
	uint32_t restarts, times;
	bool ours, injected; /* the EINTR to come, and the last one */
	bool harmless; /* when last asked, no handler is installed that might mean the loop to end
			*/
} interruptions[THREADS];

static struct interruption *mine(void)
{
	uint32_t thread = process_thread();
	return thread < THREADS ? &interruptions[thread] : NULL;
}

static bool within_ms(uint64_t now, uint64_t then, uint64_t ms)
{
	return now - then <= ms * 1000000;
}

/* --- what the kernel knows of the handlers --- */

enum { REAL_TIME = 32 };

/* Signals whose handlers set flags that end loops, or reap what a loop waited for. */
static bool may_end_a_loop(int number)
{
	return number == SIGHUP || number == SIGINT || number == SIGQUIT || number == SIGTERM ||
	       number == SIGUSR1 || number == SIGUSR2 || number == SIGALRM || number == SIGCHLD ||
	       number == SIGIO || number == SIGPWR || number == SIGXCPU || number >= REAL_TIME;
}

static bool none_may_end_a_loop(void)
{
	struct signal_action action;
	if (!may_make_system_calls() || process_confined)
		return false;
	for (int number = 1; number <= SIGNALS; number++)
		if (may_end_a_loop(number) &&
			(!signal_action_of(number, &action) || signal_is_caught(&action)))
			return false;
	return true;
}

/* --- the wait that was interrupted --- */

/* The kernel read these just now, unless the EINTR is ours. */
static bool copy(const struct interruption *i, void *to, const void *from, size_t size)
{
	if (i->injected)
		return fetch(to, from, size);
	memcpy(to, from, size);
	return true;
}

static void keep(struct interruption *i, const struct call *c)
{
	bool polls = calls[c->id].roles[0] == *FDS;
	size_t entries = c->nfds < SHOWN ? (size_t)c->nfds : SHOWN;
	i->call = *c;
	i->call.asked = NULL;
	i->call.sigmask = NULL;
	if (polls && entries && copy(i, i->fds, c->array, entries * sizeof(*i->fds)))
		i->call.array = i->fds;
	if (c->timeout && copy(i, &i->timeout, c->timeout, timeout_size(c)))
		i->call.timeout = &i->timeout;
	site_of(c->site);
}

/* In ns; -1: none, or select's, which the kernel changes. */
static int64_t timeout_of(const struct call *c)
{
	struct timeout t;
	if (c->unit == MILLISECONDS)
		return (int64_t)c->milliseconds * 1000000;
	if (c->unit != TIMESPEC || !fetch_timeout(c, &t))
		return -1;
	return t.seconds * 1000000000 + t.fraction;
}

static void ask(enum when when, const struct call *c, struct evidence *e)
{
	e->fd = -1;
	e->epfd = c->epfd;
	judge(when, c, e);
}

static void ask_about_restarts(struct interruption *i, const struct call *c)
{
	int64_t timeout = timeout_of(c), lasted = (int64_t)(i->at - i->since);
	if (timeout <= 0 || i->restarts < RESTARTS || lasted < timeout + timeout / 2)
		return;
	struct evidence e = {.n = i->restarts, .m = lasted / 1000000, .confirmed_by = "count"};
	ask(WHEN_RESTARTED, c, &e);
	i->restarts = 0;
	i->since = i->at;
}

/* Now and then for each place: handlers are installed once, and asking takes some fifty system
 * calls. */
static void ask_about_handlers(struct interruption *i, const struct call *c)
{
	if (i->asked_from != c->site)
		i->times = 0;
	i->asked_from = c->site;
	i->times += !i->injected;
	if (i->injected || (i->times & (i->times - 1)))
		return;
	i->harmless = none_may_end_a_loop();
	struct evidence e = {.confirmed_by = "rt_sigaction"};
	ask(WHEN_INTERRUPTED, c, &e);
}

void interrupted(struct call *c)
{
	struct interruption *i = mine();
	if (!i || c->unit == NO_TIMEOUT)
		return;
	bool goes_on = i->state == RESTARTED && i->call.site == c->site;
	i->at = process_now();
	i->injected = i->ours;
	i->ours = false;
	if (!goes_on) {
		i->since = i->at;
		i->restarts = 0;
	}
	i->state = INTERRUPTED;
	i->closed_at = 0;
	self.interrupted = true;
	keep(i, c);
	ask_about_restarts(i, c);
	ask_about_handlers(i, c);
}

/* self.interrupted stays set during the wait that follows, so that the one after it finds out that
 * this one ended otherwise. */
void interrupted_before(const struct call *c)
{
	struct interruption *i = mine();
	if (!i)
		return;
	bool same = i->state == INTERRUPTED && i->call.site == c->site && i->call.unit == c->unit &&
		    within_ms(process_now(), i->at, GAP_MOST_MS) &&
		    timeout_of(c) == timeout_of(&i->call);
	i->restarts += same;
	i->state = same ? RESTARTED : NOTHING;
	self.interrupted = same;
}

/* --- the end of a loop --- */

void interrupted_closes(int fd)
{
	struct interruption *i = mine();
	if (i && i->state == INTERRUPTED && i->call.epfd == fd && !i->closed_at)
		i->closed_at = process_now();
}

static void ended(struct interruption *i, uint64_t now, bool exits)
{
	bool closed = i->closed_at && within_ms(i->closed_at, i->at, END_MOST_MS);
	bool ends = closed || (exits && within_ms(now, i->at, END_MOST_MS));
	if (i->state != INTERRUPTED || !ends ||
		!(i->injected || (i->harmless && none_may_end_a_loop())))
		return;
	struct evidence e = {.past = site_of(i->call.site)};
	e.n = (int64_t)(((closed ? i->closed_at : now) - i->at) / 1000000);
	e.why = closed ? "closed the epoll instance" : "ended";
	e.m = i->injected;
	ask(WHEN_ENDED, &i->call, &e);
	i->state = NOTHING;
}

void interrupted_end(void)
{
	uint32_t count = process_thread_count(), self_number = process_thread();
	uint64_t now = process_now();
	for (uint32_t thread = 1; thread <= count && thread < THREADS; thread++)
		ended(&interruptions[thread], now, thread == self_number);
}

void interrupted_forked(void)
{
	struct interruption *i = mine();
	self.interrupted = false;
	if (i)
		i->state = NOTHING;
}

void interrupted_by_us(void)
{
	struct interruption *i = mine();
	if (i)
		i->ours = true;
}

/* Sequences of empty waits. A wait with timeout 0 costs a counter here; only one that really
 * waited, and so took a millisecond, looks at the clock. */
#include "idle.h"

#include "judge.h"
#include "process.h"
#include "sets.h"
#include "stack.h"
#include "streams.h"

enum {
	THREADS = 1024,
	BUSY_LOOK = 4096,   /* probes between looks at the clock */
	BUSY_LOOK_MS = 410, /* that many in this time are 10 000 a second */
	BUSY_MS = 1000,     /* and so for a second */
	BURST_LEAST = 16,   /* probes in a burst before a deadline */
	BURST_GAP_US = 50,  /* between two of them, at most: a loop with work to do takes longer */
	BURST_LEAST_US = 200,
	BURST_MOST_US = 1100, /* and no longer than what a millisecond can hide */
	BURSTS = 3,
	TICK_MOST_MS = 10,
	TICKS = 500,
	TICKS_WITHIN_MS = 10000,
};

static struct idle {
	const void *site;
	uint32_t probes, bursts, ticks;
	uint64_t busy_since, looked_at; /* nanoseconds; 0: not now */
	uint64_t expired_at;            /* when the last wait that waited gave up */
	uint64_t ticks_since;
} idles[THREADS];

static bool ask(enum when when, const struct call *c, int64_t n)
{
	struct evidence e = {.fd = -1, .epfd = c->epfd, .n = n, .confirmed_by = "count"};
	return judge(when, c, &e);
}

/* Neither this nor expired is inlined: their registers would be saved at each probe. */
__attribute__((noinline)) static void look(struct idle *idle, const struct call *c)
{
	KEEP_ERRNO;
	uint64_t now = process_now(), before = idle->looked_at;
	idle->looked_at = now;
	if (!before || now - before > BUSY_LOOK_MS * 1000000ull) {
		idle->busy_since = now;
		return;
	}
	uint64_t lasted_ms = (now - idle->busy_since) / 1000000;
	if (lasted_ms >= BUSY_MS) {
		ask(WHEN_BUSY, c, BUSY_LOOK * 1000000000ll / (int64_t)(now - before));
		idle->busy_since = now;
	}
}

static int64_t timeout_ns(const struct call *c)
{
	if (c->unit == MILLISECONDS)
		return (int64_t)c->milliseconds * 1000000;
	if (!c->timeout)
		return 0;
	struct timeout t = timeout_in(c, c->timeout);
	return t.seconds * 1000000000 + t.fraction;
}

/* Whether the probes since the last expiry fill the gap up to where this wait began. */
static bool was_burst(const struct idle *idle, uint64_t now, int64_t timeout)
{
	int64_t lasted_us = ((int64_t)(now - idle->expired_at) - timeout) / 1000;
	return idle->expired_at && idle->probes >= BURST_LEAST && lasted_us >= BURST_LEAST_US &&
	       lasted_us <= BURST_MOST_US && lasted_us / idle->probes < BURST_GAP_US;
}

__attribute__((noinline)) static void expired(struct idle *idle, const struct call *c)
{
	KEEP_ERRNO;
	uint64_t now = process_now();
	int64_t timeout = timeout_ns(c);
	streams_waited(c);
	if (was_burst(idle, now, timeout) && ++idle->bursts % BURSTS == 0)
		ask(WHEN_BURST, c, idle->probes);
	idle->probes = 0;
	idle->expired_at = now;
	if (site_due(site_of(c->site)))
		ask(WHEN_GAVE_UP, c, 0);
	if (timeout > TICK_MOST_MS * 1000000ll) {
		idle->ticks = 0;
		return;
	}
	if (idle->ticks++ == 0)
		idle->ticks_since = now;
	if (idle->ticks < TICKS)
		return;
	if (now - idle->ticks_since <= TICKS_WITHIN_MS * 1000000ull)
		ask(WHEN_TICK, c, timeout / 1000);
	idle->ticks = 0;
}

static inline void probed(struct idle *idle, const struct call *c)
{
	if (unlikely(idle->site != c->site)) {
		idle->site = c->site;
		idle->probes = 0;
		idle->busy_since = idle->looked_at = 0;
	}
	if (unlikely(++idle->probes % BUSY_LOOK == 0))
		look(idle, c);
}

void idle_wait(const struct call *c)
{
	uint32_t thread = process_thread();
	/* select(2) wrote the rest back: after an expiry both kinds of wait look the same */
	if (c->unit == TIMEVAL)
		timeval_expired(c);
	else if (unlikely(thread >= THREADS))
		return;
	else if (timeout_ns(c) == 0)
		probed(&idles[thread], c);
	else
		expired(&idles[thread], c);
}

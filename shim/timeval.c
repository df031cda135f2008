/* The time select(2) left, passed again as it is. A loop that spends one budget does just that, and
 * stops when nothing is left; a loop that goes on has lost its timeout and spins. */
#include "sets.h"

#include "judge.h"
#include "process.h"

enum {
	ROUND = 512,                   /* calls between looks at the clock */
	PROVEN_MOST_US = 200 * ROUND,  /* a round takes less if no call of it waits */
	UNPROVEN_MOST_US = 20 * ROUND, /* and so much less if the loop does nothing else */
	ROUNDS = 2,        /* such rounds, beyond those in which others had the processor */
	UNPROVEN_MS = 500, /* and for how long, where only the expiry was seen */
	CHAIN = 4096,      /* looks at one budget being spent */
};

static struct remainder {
	const void *site, *timeval;
	int64_t given_us, left_us;
	uint32_t reused;     /* how often the rest, to the microsecond, was passed again */
	uint32_t candidates; /* calls that left less than they were given */
	uint32_t calls, rounds, slow_rounds;
	bool spent, proven; /* nothing is left and nothing was given since; by reuse */
	uint64_t looked_at, since;
} remainders[SELECTING_THREADS];

static struct remainder *mine(const struct call *c)
{
	uint32_t thread = process_thread();
	return thread < SELECTING_THREADS && c->unit == TIMEVAL && c->timeout ? &remainders[thread]
									      : NULL;
}

static bool same_place(const struct remainder *m, const struct call *c)
{
	return m->site == c->site && m->timeval == c->timeout;
}

static int64_t in_us(struct timeout t)
{
	return t.seconds * 1000000 + t.fraction;
}

static void begin_spinning(struct remainder *m)
{
	m->spent = true;
	m->proven = m->reused > 0;
	m->calls = m->rounds = m->slow_rounds = 0;
	m->since = m->looked_at = process_now();
}

static void follow(struct remainder *m, const struct call *c, int64_t given)
{
	bool rest = c->asked->awaited && given == m->left_us && given < m->given_us;
	if (rest && given == 0) {
		begin_spinning(m);
	} else if (rest) {
		m->reused++;
	} else if (given) {
		m->reused = 0;
		m->spent = false;
	}
}

static bool spins(const struct remainder *m)
{
	uint64_t lasted_ms = (m->looked_at - m->since) / 1000000;
	return m->spent && m->rounds >= ROUNDS + m->slow_rounds &&
	       (m->proven || lasted_ms >= UNPROVEN_MS);
}

static void ask(struct remainder *m, const struct call *c)
{
	struct evidence e = {.fd = -1, .epfd = -1, .n = m->rounds * (int64_t)ROUND, .m = m->proven};
	e.confirmed_by = "count";
	judge(WHEN_SPENT, c, &e);
	m->spent = false;
}

/* Of what a call left, only the next one tells what becomes: while the same budget is spent each is
 * looked at, else ever fewer. */
static void await(struct remainder *m, const struct call *c, int64_t given, int64_t left)
{
	bool less = left < given && (left > 0 || c->result == 0);
	if (!less)
		return;
	m->candidates++;
	if (m->reused ? m->reused < CHAIN : (m->candidates & (m->candidates - 1)) == 0)
		self.select_site = c->site;
}

void timeval_left(struct call *c)
{
	struct remainder *m = mine(c);
	if (!m || !c->asked->timeout_known || c->result < 0)
		return;
	int64_t given = in_us(c->asked->timeout), left = in_us(timeout_in(c, c->timeout));
	if (same_place(m, c))
		follow(m, c, given);
	else
		*m = (struct remainder){.site = c->site, .timeval = c->timeout};
	m->given_us = given;
	m->left_us = left;
	if (given == 0 && c->result == 0 && spins(m))
		ask(m, c);
	await(m, c, given, left);
}

/* The rest is 0 now, whatever was given: how fast such calls follow each other tells. */
void timeval_expired(const struct call *c)
{
	struct remainder *m = mine(c);
	if (likely(!m || !m->spent) || !same_place(m, c) || ++m->calls % ROUND)
		return;
	KEEP_ERRNO;
	uint64_t before = m->looked_at;
	m->looked_at = process_now();
	uint64_t most_us = m->proven ? PROVEN_MOST_US : UNPROVEN_MOST_US;
	if (m->looked_at - before > most_us * 1000)
		m->slow_rounds++;
	else
		m->rounds++;
	if (m->slow_rounds > m->rounds + ROUNDS)
		m->spent = false; /* it waits: time is given after all */
	else if (spins(m))
		self.select_site = c->site;
}

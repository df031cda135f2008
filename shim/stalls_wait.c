/* Suspected stalls around a wait: what is left when it begins, how long it blocked, and the
 * judgement before the next. */
#include "config.h"
#include "judge.h"
#include "process.h"
#include "suspects.h"

enum {
	BLOCKED_MS = 1000,
	SHARE_OF = 100, /* looks before a wait take at most one part in this of the time */
	ONESHOTS = 8,   /* looked at after one wait */
};

/* --- one-shots: no event is noted; after a long wait the interest list is looked through --- */

struct disarmed {
	uint16_t instance;
	uint32_t ms;
	int left;
};

static void disarmed_seen(const struct pollcheck_entry *entry, void *argument)
{
	struct disarmed *d = argument;
	struct registration *g = entry->orphan ? NULL : interest_of(d->instance, entry->fd);
	if (d->left == 0 || !g || !GET(g->disarmed) || !(GET(g->events) & EPOLLIN) ||
		interest_uncertain(g))
		return;
	d->left--;
	struct suspect *s = suspect_at(STALL_ONESHOT, entry->fd);
	uint32_t changes = GET(g->changes);
	bool same = suspect_is(s, entry->fd, fd_find(entry->fd)) && GET(s->detail) == changes;
	uint32_t before = same ? GET(s->blocked_ms) : 0;
	suspect_noted(STALL_ONESHOT, entry->fd, fd_find(entry->fd), changes);
	PUT(s->blocked_ms, before + d->ms);
}

/* --- around a wait --- */

static const enum when judged_as[STALLS] = {
	[STALL_EDGE] = WHEN_EDGE,
	[STALL_OUTPUT] = WHEN_OWED,
	[STALL_ONESHOT] = WHEN_DISARMED,
};

/* Whether what was noted has not been done since, as far as the table tells. */
static bool is_left(enum stall stall, const struct evidence *e)
{
	struct registration *g = e->registration;
	return stall == STALL_EDGE      ? e->m != 0
	       : stall == STALL_ONESHOT ? g && GET(g->changes) == (uint32_t)e->m
					: true;
}

static void ask(const struct call *c, enum stall stall, struct suspect *s)
{
	uint64_t whose = GET(s->whose);
	int fd = (int)(uint32_t)whose - 1;
	struct fd_record *r = fd_find(fd);
	if (!r || !suspect_is(s, fd, r) || !fd_alive(r)) {
		suspect_over(stall, fd, (uint32_t)(whose >> 32));
		return;
	}
	struct evidence e = evidence_for(fd, c->epfd);
	e.n = GET(s->blocked_ms);
	e.m = GET(s->detail);
	if (is_left(stall, &e) && fd_kind_visible(fd_kind(fd)) && judge_in_sight(fd, r))
		judge(judged_as[stall], c, &e);
}

/* Those this thread left, and blocked for so long since. */
static void ask_each(const struct call *c, enum stall stall, uint32_t least_ms)
{
	uint32_t thread = process_thread();
	for (int i = 0; i < SUSPECTS; i++) {
		struct suspect *s = &suspects[stall][i];
		if (GET(s->whose) && GET(s->thread) == thread && GET(s->blocked_ms) >= least_ms)
			ask(c, stall, s);
	}
}

/* A wait without limit may never return: what it leaves is told before, as a note. A one-shot is
 * noted only when a wait has blocked, and was asked about then. */
static void ask_due(const struct call *c)
{
	if (unlikely(self.blocked)) {
		for (enum stall stall = 0; stall < STALLS; stall++)
			ask_each(c, stall, BLOCKED_MS);
	} else if (unlikely(config.level == NOTE && !stall_wait_has_limit(c))) {
		ask_each(c, STALL_EDGE, 0);
		ask_each(c, STALL_OUTPUT, 0);
	}
	self.blocked = false;
}

static bool is_ready(int fd)
{
	struct timespec none = {0, 0};
	struct pollfd p = {.fd = fd, .events = POLLIN};
	return SYSTEM(ppoll, &p, 1ul, &none, NULL, 0ul) == 1;
}

/* Edge-triggered input taken in part is left over if it is still there and the instance has nothing
 * to report: what arrived since would be reported. Asked in this order, so that input which comes
 * between the two passes for new. */
static void look_for_left(const struct call *c, struct suspect *s)
{
	uint16_t instance = interest_instance(c->epfd, false);
	int fd = (int)(uint32_t)GET(s->whose) - 1;
	struct fd_record *r = fd_find(fd);
	if (!r || !suspect_is(s, fd, r) || !interest_of(instance, fd) ||
		!fd_kind_visible(fd_kind(fd)))
		return;
	if (!is_ready(fd))
		stall_edge_over(fd, r); /* exactly what there was had been asked for */
	else if (interest_pollable(instance) && !is_ready(c->epfd))
		PUT(s->detail, true);
}

static void look_before(const struct call *c, uint64_t now)
{
	static _Atomic uint64_t not_before;
	uint32_t thread = process_thread();
	if (c->epfd < 0 || now < GET(not_before) || !may_make_system_calls())
		return;
	KEEP_ERRNO;
	for (int i = 0; i < SUSPECTS; i++) {
		struct suspect *s = &suspects[STALL_EDGE][i];
		if (GET(s->whose) && GET(s->thread) == thread && !GET(s->detail))
			look_for_left(c, s);
	}
	uint64_t after = process_now();
	PUT(not_before, after + (after - now) * SHARE_OF);
}

bool stall_wait_has_limit(const struct call *c)
{
	return c->unit == MILLISECONDS ? c->milliseconds >= 0 : c->timeout != NULL;
}

void stall_wait_begins(struct call *c)
{
	if (c->unit == NO_TIMEOUT || (c->unit == MILLISECONDS && c->milliseconds == 0))
		return;
	self.waits++;
	c->result = NOT_MADE;
	look_before(c, process_now());
	ask_due(c);
	c->result = 0;
	c->begin_ns = process_now();
}

static void blocked(enum stall stall, uint32_t ms)
{
	uint32_t thread = process_thread();
	for (int i = 0; i < SUSPECTS; i++) {
		struct suspect *s = &suspects[stall][i];
		if (GET(s->whose) && GET(s->thread) == thread && GET(s->wait) != self.waits)
			PUT(s->blocked_ms, GET(s->blocked_ms) + ms);
	}
}

void stall_wait_returned(struct call *c)
{
	uint64_t ms = (process_now() - c->begin_ns) / 1000000;
	if (likely(ms < BLOCKED_MS) || !GET(stalls_suspected))
		return;
	KEEP_ERRNO;
	self.blocked = true;
	blocked(STALL_EDGE, (uint32_t)ms);
	blocked(STALL_OUTPUT, (uint32_t)ms);
	struct disarmed d = {interest_instance(c->epfd, false), (uint32_t)ms, ONESHOTS};
	if (stall_oneshots() && d.instance)
		interest_each(d.instance, disarmed_seen, &d);
}

void stall_edge_again(const struct call *c, int fd, struct fd_record *r)
{
	struct suspect *s = suspect_at(STALL_EDGE, fd);
	if (suspect_is(s, fd, r) && GET(s->blocked_ms) >= BLOCKED_MS) {
		KEEP_ERRNO;
		ask(c, STALL_EDGE, s);
	}
	stall_edge_over(fd, r);
}

/* Suspected stalls: a small table, found by the descriptor's number. Two descriptors that would
 * share a place take it from each other; a stall then goes unnoticed. */
#include "stalls.h"

#include "config.h"
#include "ghosts.h"
#include "judge.h"
#include "process.h"

enum {
	SUSPECTS = 128,
	BLOCKED_MS = 1000,
	SHARE_OF = 100, /* looks before a wait take at most one part in this of the time */
	ONESHOTS = 8,   /* looked at after one wait */
	TOKEN_BYTES =
		8, /* a byte or a counter to wake somebody up: one that is refused has woken */
};

_Atomic uint32_t stalls_suspected;
static _Atomic bool remembers, oneshots, rearms;
static _Atomic uint32_t owing;

static struct suspect {
	_Atomic uint64_t whose; /* generation << 32 | fd + 1; 0: free */
	_Atomic uint32_t thread, wait, detail;
	_Atomic uint32_t blocked_ms; /* in waits since */
} suspects[STALLS][SUSPECTS];

static uint64_t key_of(int fd, uint32_t generation)
{
	return (uint64_t)generation << 32 | ((uint32_t)fd + 1);
}

static struct suspect *place_of(enum stall stall, int fd)
{
	return &suspects[stall][(unsigned)fd % SUSPECTS];
}

static bool is_of(struct suspect *s, int fd, const struct fd_record *r)
{
	return GET(s->whose) == key_of(fd, fd_generation(r));
}

static void counted(enum stall stall, uint32_t by)
{
	atomic_fetch_add(&stalls_suspected, by);
	atomic_fetch_add(&suspicions, by);
	if (stall == STALL_OUTPUT)
		atomic_fetch_add(&owing, by);
}

static void over(enum stall stall, int fd, uint32_t generation)
{
	uint64_t key = key_of(fd, generation);
	if (atomic_compare_exchange_strong(&place_of(stall, fd)->whose, &key, 0))
		counted(stall, ~0u);
}

static void suspect(enum stall stall, int fd, const struct fd_record *r, uint32_t detail)
{
	struct suspect *s = place_of(stall, fd);
	PUT(s->thread, process_thread());
	PUT(s->wait, self.waits);
	PUT(s->blocked_ms, 0);
	PUT(s->detail, detail);
	if (atomic_exchange(&s->whose, key_of(fd, fd_generation(r))) == 0)
		counted(stall, 1);
}

void stalls_forget(int fd, uint32_t generation)
{
	for (enum stall stall = 0; stall < STALLS; stall++)
		over(stall, fd, generation);
}

/* --- what is left undone --- */

void stall_edge_over(int fd, struct fd_record *r)
{
	if (GET(r->edge) & EDGE_SUSPECT)
		over(STALL_EDGE, fd, fd_generation(r));
	PUT(r->edge, 0);
}

/* Less than was asked for tells that there is no more, of a stream; a datagram ends where it ends.
 */
static bool is_drained(struct fd_record *r, enum attempt attempt, int64_t result, size_t asked)
{
	uint8_t kind = GET(r->kind);
	bool datagrams = kind == FD_UDP || kind == FD_UNIX_DGRAM || kind == FD_SOCKET;
	/* an eventfd or timerfd is reset by one read */
	return result < 0 || kind == FD_EVENTFD || kind == FD_TIMERFD ||
	       (attempt == INPUT && !datagrams && (size_t)result < asked) ||
	       (attempt == INPUT && result == 0);
}

void stall_input(int fd, struct fd_record *r, enum attempt attempt, int64_t result, size_t asked)
{
	uint8_t edge = GET(r->edge);
	if (result < 0 && errno == EINTR)
		return;
	if (is_drained(r, attempt, result, asked)) {
		stall_edge_over(fd, r);
		if (result > 0) /* to read once more now would block, if it can */
			PUT(r->edge, GET(r->flags) & FD_NONBLOCKING ? 0 : EDGE_TAKEN);
		return;
	}
	struct suspect *s = place_of(STALL_EDGE, fd);
	if ((edge & EDGE_SUSPECT) && is_of(s, fd, r) && GET(s->wait) != self.waits)
		PUT(remembers, true);
	PUT(r->edge, EDGE_OPEN | EDGE_TAKEN | EDGE_SUSPECT);
	suspect(STALL_EDGE, fd, r, 0);
}

void stall_output(int fd, struct fd_record *r, int64_t result, size_t asked)
{
	bool refused = result < 0 && errno == EAGAIN, cut = result >= 0 && (size_t)result < asked;
	if (result < 0 && errno == EINTR)
		return;
	if (refused || cut) {
		if (asked > TOKEN_BYTES) {
			bool before = GET(r->owes) & OWES_OUTPUT; /* a retry may be refused */
			struct suspect *s = place_of(STALL_OUTPUT, fd);
			cut |= before && is_of(s, fd, r) && GET(s->detail);
			suspect(STALL_OUTPUT, fd, r, cut);
			atomic_fetch_or(&r->owes, OWES_OUTPUT);
		}
	} else if (GET(r->owes) & OWES_OUTPUT) {
		atomic_fetch_and(&r->owes, (uint8_t)~OWES_OUTPUT);
		over(STALL_OUTPUT, fd, fd_generation(r));
	}
}

void stall_oneshot_fired(void)
{
	if (likely(GET(oneshots)) || atomic_exchange(&oneshots, true))
		return;
	counted(STALL_ONESHOT, 1); /* for good */
}

void stall_rearmed(void)
{
	PUT(rearms, true);
}

bool stall_remembers(void)
{
	return GET(remembers);
}

bool stall_owing(void)
{
	return GET(owing) != 0;
}

bool stall_rearms(void)
{
	return GET(rearms);
}

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
	struct suspect *s = place_of(STALL_ONESHOT, entry->fd);
	uint32_t before = is_of(s, entry->fd, fd_find(entry->fd)) ? GET(s->blocked_ms) : 0;
	suspect(STALL_ONESHOT, entry->fd, fd_find(entry->fd), 0);
	PUT(s->blocked_ms, before + d->ms);
}

/* --- around a wait --- */

static const enum when judged_as[STALLS] = {
	[STALL_EDGE] = WHEN_EDGE,
	[STALL_OUTPUT] = WHEN_OWED,
	[STALL_ONESHOT] = WHEN_DISARMED,
};

static void ask(const struct call *c, enum stall stall, struct suspect *s)
{
	uint64_t whose = GET(s->whose);
	int fd = (int)(uint32_t)whose - 1;
	struct fd_record *r = fd_find(fd);
	if (!r || !is_of(s, fd, r) || !fd_alive(r)) {
		over(stall, fd, (uint32_t)(whose >> 32));
		return;
	}
	struct evidence e = evidence_for(fd, c->epfd);
	e.n = GET(s->blocked_ms);
	e.m = GET(s->detail);
	PUT(s->blocked_ms, 0);
	bool left = stall != STALL_EDGE || e.m;
	if (left && fd_kind_visible(fd_kind(fd)) && judge_in_sight(fd, r))
		judge(judged_as[stall], c, &e);
	if (stall == STALL_ONESHOT)
		over(stall, fd, fd_generation(r));
}

/* Those this thread left, and blocked for so long since. */
static void ask_all(const struct call *c, uint32_t least_ms)
{
	uint32_t thread = process_thread();
	for (enum stall stall = 0; stall < STALLS; stall++)
		for (int i = 0; i < SUSPECTS; i++) {
			struct suspect *s = &suspects[stall][i];
			if (GET(s->whose) && GET(s->thread) == thread &&
				GET(s->blocked_ms) >= least_ms)
				ask(c, stall, s);
		}
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
	if (!r || !is_of(s, fd, r) || !interest_of(instance, fd) || !fd_kind_visible(fd_kind(fd)))
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

/* A wait without limit may never return: what it leaves is told before, as a note. */
static bool may_never_return(const struct call *c)
{
	return c->unit == MILLISECONDS ? c->milliseconds < 0 : !c->timeout;
}

void stall_wait_begins(struct call *c)
{
	if (c->unit == NO_TIMEOUT || (c->unit == MILLISECONDS && c->milliseconds == 0))
		return;
	self.waits++;
	c->result = NOT_MADE;
	look_before(c, process_now());
	if (unlikely(self.blocked))
		ask_all(c, BLOCKED_MS);
	else if (unlikely(config.level == NOTE && may_never_return(c)))
		ask_all(c, 0);
	self.blocked = false;
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
	if (GET(oneshots) && d.instance)
		interest_each(d.instance, disarmed_seen, &d);
}

void stall_edge_again(const struct call *c, int fd, struct fd_record *r)
{
	struct suspect *s = place_of(STALL_EDGE, fd);
	if (is_of(s, fd, r) && GET(s->blocked_ms) >= BLOCKED_MS) {
		KEEP_ERRNO;
		ask(c, STALL_EDGE, s);
	}
	stall_edge_over(fd, r);
}

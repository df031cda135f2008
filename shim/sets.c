/* Sets that select(2) wrote over and that are passed again as they are. Equal once is chance; what
 * counts is a chain: each call is given, to the bit, what the one before left, and left less. */
#include "sets.h"

#include "fetch.h"
#include "judge.h"
#include "process.h"

#include <string.h>

enum { LINKS_LEAST = 2, EMPTY_LEAST = 4, LOOKS = 4096 };

typedef uint64_t three_sets[3][ASKED_WORDS];

static struct history {
	const void *site;
	const fd_set *sets[3];
	three_sets known; /* what was asked for when the chain began */
	three_sets left;  /* what the last call left */
	bool busy;        /* not now: a signal handler interrupted us */
	bool narrower;    /* the last call left less than it was given */
	uint32_t links;   /* how often less was left and passed on */
	uint32_t empty;   /* calls in a row that were given nothing */
	uint32_t looks, chains;
} histories[SELECTING_THREADS];

static bool due(uint32_t nth)
{
	return (nth & (nth - 1)) == 0;
}

static bool none(const three_sets sets)
{
	uint64_t all = 0;
	for (int i = 0; i < 3; i++)
		for (int word = 0; word < ASKED_WORDS; word++)
			all |= sets[i][word];
	return all == 0;
}

static bool within(const three_sets inner, const three_sets outer)
{
	uint64_t outside = 0;
	for (int i = 0; i < 3; i++)
		for (int word = 0; word < ASKED_WORDS; word++)
			outside |= inner[i][word] & ~outer[i][word];
	return outside == 0;
}

/* The history of the calling thread, if c is a call to learn from. */
static struct history *mine(const struct call *c)
{
	uint32_t thread = process_thread();
	if (thread >= SELECTING_THREADS || c->nfds <= 0 || c->nfds > FD_SETSIZE)
		return NULL;
	for (int i = 0; i < 3; i++)
		if (c->sets[i] && !c->asked->set_known[i])
			return NULL;
	return histories[thread].busy ? NULL : &histories[thread];
}

static bool passed_on(const struct history *h, const struct call *c)
{
	return c->asked->awaited && h->site == c->site &&
	       memcmp(h->sets, c->sets, sizeof(h->sets)) == 0 &&
	       memcmp(h->left, c->asked->sets, sizeof(h->left)) == 0;
}

/* The event asked of fd when the chain began, if it is in no set now; else 0. */
static uint32_t lost(const struct history *h, const struct call *c, int fd)
{
	uint32_t was = 0, is = 0;
	for (int i = 0; i < 3; i++) {
		was |= h->known[i][fd / 64] >> (fd % 64) & 1 ? set_events[i] : 0;
		is |= c->asked->sets[i][fd / 64] >> (fd % 64) & 1;
	}
	return is ? 0 : was;
}

/* A program that is done with a descriptor closes it: all that were lost must be open. */
static bool lost_none_closed(const struct history *h, const struct call *c)
{
	for (int fd = 0; fd < c->nfds; fd++) {
		struct fd_record *r = lost(h, c, fd) ? fd_find(fd) : NULL;
		if (lost(h, c, fd) && !(r && fd_alive(r)))
			return false;
	}
	return true;
}

static void ask(struct history *h, enum when when, const struct call *c)
{
	for (int fd = 0; lost_none_closed(h, c) && fd < c->nfds; fd++) {
		struct evidence e = evidence_for(fd, -1);
		e.mask = lost(h, c, fd);
		e.n = h->empty;
		if (!e.mask || !judge(when, c, &e))
			continue;
		h->looks = LOOKS; /* said: no more of this chain */
		return;
	}
}

static void link_on(struct history *h, const struct call *c)
{
	h->links += h->narrower;
	h->narrower = false;
	h->empty = none(c->asked->sets) ? h->empty + 1 : 0;
	h->looks++;
}

static void begin_chain(struct history *h, const struct call *c)
{
	uint32_t chains = h->site == c->site ? h->chains : 0;
	memcpy(h->known, c->asked->sets, sizeof(h->known));
	memcpy(h->sets, c->sets, sizeof(h->sets));
	h->site = c->site;
	h->chains = chains;
	h->links = h->empty = h->looks = 0;
}

static bool read_left(struct history *h, const struct call *c)
{
	memset(h->left, 0, sizeof(h->left));
	for (int i = 0; i < 3; i++)
		if (c->sets[i] && !fetch(h->left[i], c->sets[i], sizeof(h->left[i])))
			return false;
	return true;
}

/* Without a limit this wait never ends: what is to be said is said before it. */
void sets_asked(struct call *c)
{
	for (int i = 0; i < 3; i++)
		if (!c->asked->set_known[i])
			memset(c->asked->sets[i], 0, sizeof(c->asked->sets[i]));
	struct history *h = c->timeout ? NULL : mine(c);
	if (!h || !passed_on(h, c) || !(h->narrower || h->links) || !none(c->asked->sets))
		return;
	h->busy = c->asked->pending = true;
	c->result = -1;
	ask(h, WHEN_DEAF, c);
	c->result = 0;
	h->busy = c->asked->pending = false;
}

static void look(struct history *h, const struct call *c)
{
	bool goes_on = passed_on(h, c);
	if (goes_on)
		link_on(h, c);
	else
		begin_chain(h, c);
	if (!read_left(h, c)) {
		h->site = NULL;
		return;
	}
	h->narrower = within(h->left, c->asked->sets) && !within(c->asked->sets, h->left);
	if (due(h->looks) && (h->empty ? h->empty >= EMPTY_LEAST : h->links >= LINKS_LEAST))
		ask(h, WHEN_LEFT, c);
	bool wanted = goes_on ? h->links && h->looks < LOOKS : h->narrower && due(++h->chains);
	if (wanted || (goes_on && h->narrower && h->looks < LOOKS))
		self.select_site = c->site;
}

void sets_left(struct call *c)
{
	struct history *h = mine(c);
	if (!h)
		return;
	h->busy = true;
	if (c->result >= 0)
		look(h, c);
	else if (h->site == c->site && (h->narrower || h->links))
		self.select_site = c->site; /* EINTR leaves the sets as they were given */
	h->busy = false;
}

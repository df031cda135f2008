/* What select(2) is given and what it answers. */
#include "fetch.h"
#include "render_call.h"

#include <string.h>

static void add_set(struct text *t, const uint64_t *words, int64_t nfds, int most)
{
	const char *between = "";
	int shown = 0;
	text_add(t, "[");
	for (int64_t bit = 0; bit < nfds && bit < FD_SETSIZE && shown <= most; bit++)
		if (words[bit / 64] >> (bit % 64) & 1) {
			text_add(t, shown == most ? "%s..." : "%s%d", between, (int)bit);
			between = " ";
			shown++;
		}
	text_add(t, "]");
}

void render_asked_sets(struct text *t, const struct call *c, int most)
{
	for (int i = 0; i < 3; i++) {
		text_add(t, i ? ", " : "");
		if (c->asked && c->asked->set_known[i] && c->nfds >= 0)
			add_set(t, c->asked->sets[i], c->nfds, most);
		else
			render_pointer(t, c->sets[i]);
	}
}

void render_time(struct text *t, const struct call *c, const struct timeout *time)
{
	text_add(t, "{tv_sec=%lld, %s=%lld}", (long long)time->seconds,
		c->unit == TIMEVAL ? "tv_usec" : "tv_nsec", (long long)time->fraction);
}

/* select(2) alone tells its caller the time left; the C library hides it from that of ppoll(2). */
static void add_left(struct text *t, const struct call *c, const char *between)
{
	struct timeout left;
	if (c->unit == TIMEVAL && fetch_timeout(c, &left)) {
		text_add(t, "%sleft ", between);
		render_time(t, c, &left);
		between = ", ";
	}
	text_add(t, *between == ',' ? ")" : "");
}

/* The kernel may have looked at fewer words than nfds says, and there may be no more. */
static bool fetch_words(uint64_t words[ASKED_WORDS], const fd_set *set, size_t bytes)
{
	size_t at = 0;
	memset(words, 0, ASKED_WORDS * sizeof(*words));
	if (fetch(words, set, bytes))
		return true;
	while (at < bytes && fetch((char *)words + at, (const char *)set + at, sizeof(long)))
		at += sizeof(long);
	return at > 0;
}

/* Takes the bits that are left of an answer: what the kernel did not look at is as it was given. */
static bool take_bits(uint64_t words[ASKED_WORDS], int64_t *left)
{
	bool any = false;
	for (int i = 0; i < ASKED_WORDS; i++) {
		uint64_t bits = words[i];
		for (words[i] = 0; bits && *left > 0; bits &= bits - 1, --*left) {
			words[i] |= bits & -bits;
			any = true;
		}
	}
	return any;
}

/* After success: "(in [3], out [4], left {…})". */
void render_answered_sets(struct text *t, const struct call *c, int most)
{
	static const char *const names[] = {"in ", "out ", "except "};
	uint64_t words[ASKED_WORDS];
	size_t bytes = set_bytes(c->nfds < FD_SETSIZE ? c->nfds : FD_SETSIZE);
	const char *between = " (";
	int64_t left = c->result;
	for (int i = 0; i < 3; i++) {
		if (!c->sets[i] || !fetch_words(words, c->sets[i], bytes) ||
			!take_bits(words, &left))
			continue;
		text_add(t, "%s%s", between, names[i]);
		add_set(t, words, c->nfds, most);
		between = ", ";
	}
	add_left(t, c, between);
}

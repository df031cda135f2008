/* Stores events of select(2). What was asked was copied before the call. */
#include "fdtable.h"
#include "trace_fill.h"

/* Bits from nfds on are not looked at. */
static uint64_t asked_word(const struct call *c, int set, int word)
{
	int64_t bits = c->nfds - word * 64;
	uint64_t all = bits <= 0 ? 0 : bits < 64 ? (1ull << bits) - 1 : UINT64_MAX;
	return all ? c->asked->sets[set][word] & all : 0;
}

static int32_t asked_count(const struct call *c, int set)
{
	int32_t count = 0;
	if (!c->asked || !c->asked->set_known[set])
		return -1;
	for (int word = 0; word < ASKED_WORDS; word++)
		count += __builtin_popcountll(asked_word(c, set, word));
	return count;
}

static uint16_t fill_set(struct trace_watched *to, const struct call *c, int set, uint16_t most)
{
	uint16_t found = 0;
	for (int word = 0; found < most; word++)
		for (uint64_t bits = asked_word(c, set, word); bits && found < most;
			bits &= bits - 1)
			to[found++] = (struct trace_watched){
				word * 64 + __builtin_ctzll(bits), set_events[set]};
	return found;
}

static uint16_t fill_answer(struct trace_watched *to, const struct call *c, uint16_t most)
{
	struct set_walk walk = set_walk_begins(c);
	uint16_t found = 0;
	uint32_t mask;
	for (int fd; found < most && set_next(c, &walk, &fd, &mask); found++)
		to[found] = (struct trace_watched){fd, mask};
	return found;
}

static struct timeout left_of(const struct call *c)
{
	bool there = c->unit == TIMEVAL && c->timeout && accepted(c);
	return there ? timeout_in(c, c->timeout) : (struct timeout){-1, -1};
}

static void fill_lists(struct trace_select *to, const struct call *c, const struct limits *l,
	const uint16_t kept[3], uint16_t ready)
{
	struct trace_watched *lists = after_sigmask(to + 1, l);
	to->asked_length = 0;
	for (int i = 0; i < 3; i++) {
		to->sets |= c->sets[i] ? set_events[i] : 0;
		to->asked_length += fill_set(lists + to->asked_length, c, i, kept[i]);
	}
	to->ready_length = fill_answer(lists + to->asked_length, c, ready);
}

void trace_select(struct traced *t)
{
	const struct call *c = t->call;
	struct limits l = limits_of(c);
	struct timeout left = left_of(c);
	int32_t counts[3];
	uint16_t kept[3], asked = 0, ready = at_most(c->result, READY_MOST);
	for (int i = 0; i < 3; i++) {
		counts[i] = asked_count(c, i);
		asked += kept[i] = at_most(counts[i], ASKED_MOST);
	}
	struct trace_select *to;
	uint32_t fixed = (uint32_t)(sizeof(*to) + l.sigmasks * sizeof(trace_mask));
	if (!(to = traced_begins(t, fixed + (asked + ready) * WATCHED)))
		return;
	COMMON(to, t);
	LIMITS(to, &l);
	to->nfds = (int32_t)c->nfds;
	to->sets = 0;
	to->readfds = counts[0];
	to->writefds = counts[1];
	to->exceptfds = counts[2];
	to->left_seconds = left.seconds;
	to->left_fraction = left.fraction;
	fill_lists(to, c, &l, kept, ready);
	event_ended(&t->event, fixed + (asked + to->ready_length) * WATCHED);
}

/* When a lane is full the grain doubles and neighbours are merged: the memory is bounded, and so is
 * the page. */
#include "lane.h"

#include "table.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_GRAIN = 1024 };

void lane_begin(struct lane *l, size_t limit)
{
	l->limit = limit;
	l->room = limit + RECENT;
	l->marks = new_memory(l->room * sizeof(*l->marks));
}

static int64_t end_of(const struct mark *m)
{
	return m->start + m->length;
}

static bool merges(const struct lane *l, const struct mark *a, const struct mark *b)
{
	int64_t from = a->start < b->start ? a->start : b->start;
	return l->grain && !a->kept && !b->kept && a->start / l->grain == b->start / l->grain &&
	       end_of(b) - from <= l->grain;
}

static void merge(struct mark *a, const struct mark *b)
{
	int64_t end = end_of(a) > end_of(b) ? end_of(a) : end_of(b);
	a->start = a->start < b->start ? a->start : b->start;
	a->length = end - a->start;
	a->blocked += b->blocked;
	a->spinning += b->spinning;
	a->n += b->n;
	a->text = a->text == b->text ? a->text : 0; /* many times the same is worth saying */
}

static void append(struct lane *l, const struct mark *m)
{
	if (l->used && merges(l, &l->marks[l->used - 1], m)) {
		merge(&l->marks[l->used - 1], m);
		return;
	}
	if (l->used == l->room) {
		struct mark *larger = new_memory(2 * l->room * sizeof(*larger));
		memcpy(larger, l->marks, l->used * sizeof(*larger));
		free(l->marks);
		l->marks = larger;
		l->room *= 2;
	}
	l->marks[l->used++] = *m;
	l->kept += m->kept;
}

static void coarsen(struct lane *l)
{
	size_t before = l->used;
	l->grain = l->grain ? 2 * l->grain : FIRST_GRAIN;
	l->used = l->kept = 0;
	for (size_t i = 0; i < before; i++)
		append(l, &l->marks[i]);
}

static void settle(struct lane *l, const struct mark *m)
{
	append(l, m);
	while (l->used - l->kept > l->limit && l->grain < INT64_MAX / 4)
		coarsen(l);
}

void lane_add(struct lane *l, const struct mark *m)
{
	if (l->recent_used == RECENT) {
		settle(l, &l->recent[l->first]);
		l->first = (l->first + 1) % RECENT;
		l->recent_used--;
	}
	struct mark *to = &l->recent[(l->first + l->recent_used++) % RECENT];
	*to = *m;
	to->kept = l->keep > 0;
	l->keep -= l->keep > 0;
}

void lane_keep(struct lane *l)
{
	for (unsigned i = 0; i < l->recent_used; i++)
		l->recent[(l->first + i) % RECENT].kept = true;
	l->keep = RECENT;
}

int64_t lane_recent(const struct lane *l)
{
	return l->recent_used ? l->recent[l->first].start : 0;
}

void lane_end(struct lane *l)
{
	for (; l->recent_used; l->recent_used--) {
		settle(l, &l->recent[l->first]);
		l->first = (l->first + 1) % RECENT;
	}
}

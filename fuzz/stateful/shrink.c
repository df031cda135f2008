/* Makes a program that diverges smaller, as long as the same oracle complains. */
#include "run.h"

#include <string.h>

static bool still(const struct program *p, struct divergence *d)
{
	struct divergence now = run_program(p);
	if (!now.oracle || strcmp(now.oracle, d->oracle) != 0)
		return false;
	*d = now;
	return true;
}

static void without(struct program *p, size_t from, size_t count)
{
	memmove(p->steps + from, p->steps + from + count,
		(p->count - from - count) * sizeof(p->steps[0]));
	p->count -= count;
}

/* Halves first, single steps in the end (delta debugging). */
static bool drop_steps(struct program *p, struct divergence *d)
{
	bool dropped = false;
	for (size_t size = p->count / 2 + 1; size > 0; size /= 2)
		for (size_t from = 0; from + size <= p->count;) {
			struct program less = *p;
			without(&less, from, size);
			if (still(&less, d)) {
				*p = less;
				dropped = true;
			} else {
				from += size;
			}
		}
	return dropped;
}

/* Each byte but the operation's own: zero is the plainest value of all of them. */
static bool plain_bytes(struct program *p, struct divergence *d)
{
	bool changed = false;
	for (size_t i = 0; i < p->count * STEP_BYTES; i++) {
		struct program plain = *p;
		uint8_t *byte = &plain.steps[i / STEP_BYTES].bytes[i % STEP_BYTES];
		if (i % STEP_BYTES == 0 || *byte == 0)
			continue;
		*byte = 0;
		program_again(&plain);
		if (still(&plain, d)) {
			*p = plain;
			changed = true;
		}
	}
	return changed;
}

struct divergence shrink(struct program *p, struct divergence d)
{
	struct divergence first = d;
	p->count = d.step + 1;
	if (!still(p, &d)) /* it depends on what was run before */
		return first;
	while (drop_steps(p, &d) || plain_bytes(p, &d))
		;
	return d;
}

/* Two passes over a program, with the model beside each. */
#include "run.h"

#include <string.h>

uint64_t steps_taken;

enum { PATIENCE = 500 }; /* for what is there, or comes */

/* Both passes are of the same process one after the other: same numbers, same state at the start.
 * The bare one has been answered as the model says when the library's turn comes. */
static const char *judged(
	const struct system *system, const struct step *s, char *text, size_t size)
{
	struct answer expected = model_step(s),
		      seen = system_step(system, s, expected.result > 0 ? PATIENCE : 0);
	connections_settle();
	if (differs_from_model(&expected, &seen, text, size))
		return system == &bare ? "model" : "library";
	if (interfaces_differ(system, s, text, size))
		return "interfaces";
	if (system == &bare || (s->operation == WAIT && expected.result <= 0))
		return NULL;
	return lists_differ(s, text, size) ? "shadow" : NULL;
}

static struct divergence pass(const struct system *system, const struct program *p)
{
	struct divergence d = {0};
	model_begins();
	for (size_t i = 0; i < p->count && !d.oracle; i++) {
		if (!model_allows(&p->steps[i]))
			continue;
		d.step = i;
		d.oracle = judged(system, &p->steps[i], d.text, sizeof(d.text));
		steps_taken += system == &library;
	}
	if (!d.oracle && system == &library && lists_differ(NULL, d.text, sizeof(d.text)))
		d.oracle = "shadow";
	if (d.oracle && connections_overtaken())
		d.oracle = NULL;
	system_ends(system);
	return d;
}

struct divergence run_program(const struct program *p)
{
	system_settles();
	struct divergence d = pass(&bare, p);
	return d.oracle ? d : pass(&library, p);
}

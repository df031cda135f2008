/* Runs a program: bare, then by the library's names, and says where an oracle is not content. */
#ifndef FUZZ_RUN_H
#define FUZZ_RUN_H

#include "model.h"
#include "system.h"

struct divergence {
	const char *oracle; /* NULL: all agree */
	size_t step;
	char text[1024];
};

/* Steps taken by any program so far. */
extern uint64_t steps_taken;

struct divergence run_program(const struct program *);

/* The oracles; each fills the text and answers true when something differs. */
bool differs_from_model(
	const struct answer *expected, const struct answer *seen, char *text, size_t);
bool interfaces_differ(const struct system *, const struct step *, char *text, size_t);
bool lists_differ(const struct step *, char *text, size_t); /* NULL: whatever was done */
void lists_begin(void);

/* Waits until what the step sent over connections has arrived. */
void connections_settle(void);
/* Whether an acknowledgement came that the model does not know of: it may be late, and is not the
 * program's doing. */
bool connections_overtaken(void);

/* strace's notation, or nearly; and a C program that shows the divergence by itself. */
void step_text(const struct step *, char *text, size_t);
extern const char reproducer_head[];
bool write_reproducer(const char *path, const struct program *, const struct divergence *);
/* The smallest program found that an oracle still complains of in the same way. */
struct divergence shrink(struct program *, struct divergence);

#endif

/* The language: a program is a sequence of steps of eight bytes each, on a few descriptor numbers.
 * Every sequence of bytes is a program. */
#ifndef FUZZ_STEP_H
#define FUZZ_STEP_H

#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>

/* The numbers a program has: `base` and those above. All below are taken, so that the kernel gives
 * the lowest of ours that is free (open(2)), and the same in each run; two of them are our own, an
 * epoll instance to ask, and who listens for connections that are made as pairs. */
enum { NUMBERS = 12, STEPS = 48, STEP_BYTES = 8, GATE = 62, PROBE = 63 };
extern int base;

enum operation {
#define OPERATION(id, share) id,
#include "operations.def"
#undef OPERATION
	OPERATIONS
};

struct step {
	uint8_t bytes[STEP_BYTES]; /* it was read from */
	enum operation operation;
	int a, b; /* numbers, counted from 0 */
	unsigned how;
	uint32_t events;
	uint64_t data;
};

struct program {
	size_t count;
	struct step steps[STEPS];
};

/* what a step was answered */
enum { EVENTS = 4 };
struct answer {
	long result;
	int error;
	struct epoll_event events[EVENTS]; /* of a wait: the first `result` */
};

void program_read(struct program *, const uint8_t *bytes, size_t size);
/* After its steps' bytes changed. */
void program_again(struct program *);

/* How much is read or written. */
enum { SMALL = 512, LARGE = 4096 };
#define BLOCK(step) ((step)->how & 1 ? LARGE : SMALL)

/* What another thread does while this one waits. */
static inline struct step step_meanwhile(const struct step *s)
{
	struct step other = *s;
	other.operation = s->how & 1 ? WRITE : CLOSE;
	other.how &= 0x80;
	other.a = s->b;
	return other;
}

static inline int maxevents_of(const struct step *s)
{
	return (int)(s->how >> 4) % (EVENTS + 1);
}

#endif

/* Steps of programs that wait, and the clock they see. */
#ifndef FUZZ_RULES_H
#define FUZZ_RULES_H

#include "calls.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>

enum { STEP_BYTES = 4, STEPS_MOST = 128, TAKEN_MOST = 40000, SLOTS = 8 };

/* Which one, and three numbers that say with what. */
struct step {
	uint8_t operation, a, b, c;
};

enum operation {
#define OPERATION(name, numbers) STEP_##name,
#include "operations.def"
#undef OPERATION
	OPERATIONS
};

#define OPERATION(name, numbers) void take_##name(const struct step *);
#include "operations.def"
#undef OPERATION

enum { EVENTS_ROOM = 16 };

extern int fds[SLOTS];                           /* -1: nothing is open there */
extern struct epoll_event reported[EVENTS_ROOM]; /* by the last wait; a descriptor is in u32 */
extern int reported_count;

static inline int slot(unsigned number)
{
	return (int)(number % SLOTS);
}

/* Asked bare: the program does not look. */
bool is_ready(int fd, short mask);

/* What takes time of the kernel's is taken as often as an input may take of it: false, and no more
 * is there. */
bool time_taken(int ms);

/* RLIMIT_NOFILE as it was. */
void lift_limit(void);

/* Whether any wait will be interrupted. */
bool signals_come(void);

void descriptors_begin(void);
void descriptors_end(void);
void waits_begin(uint64_t input);

struct input {
	const uint8_t *bytes;
	size_t size;
};

/* Nothing is open before and after. The number is of the input. */
void steps_begin(uint64_t input);
void step_take(const struct step *);
void steps_end(void);

/* CLOCK_MONOTONIC of this process: it goes on by so much at each look, and by what passes. */
void clock_pass(uint64_t ns);
void clock_tick(uint64_t ns);

#endif

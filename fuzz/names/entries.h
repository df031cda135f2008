/* A sequence of calls, and the memory and descriptors a side makes them with. */
#ifndef FUZZ_ENTRIES_H
#define FUZZ_ENTRIES_H

#include "calls.h"

#include <stdbool.h>
#include <stdint.h>

enum { OURS = 14, MEMORY = 512, POLLFDS = 4, MESSAGES = 2 };

struct entry {
	const char *name;
	void *function; /* as the library has it; the other is found in the C library */
	char returns;
	const char *arguments;
	long number; /* of a system call */
};
extern const struct entry entries[];
extern const int entries_count;

/* The two sides have the same things under numbers that lie apart. */
struct side {
	bool through_library;
	int first; /* of our numbers */
	char memory[MEMORY];
	struct iovec pieces[2], constant[2];
	struct msghdr message;
	struct mmsghdr messages[MESSAGES];
	struct pollfd fds[POLLFDS];
	fd_set sets[3];
	struct timespec time;
	struct timeval zero;
	struct epoll_event event, events[POLLFDS];
	int pair[2];
	uint64_t value;
	socklen_t length;
	char *words[2]; /* of a program that is executed */
	long result;
	int error;
};

struct input {
	const uint8_t *bytes;
	size_t size;
};

uint8_t next(struct input *);
void side_begins(struct side *);
void side_ends(struct side *);
/* Makes a call with the arguments the bytes say. */
void side_calls(struct side *, const struct entry *, struct input);
/* NULL, or what differs. */
const char *sides_differ(const struct side *, const struct side *);

#endif

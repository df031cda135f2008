/* The command line of what reads a trace, parsed by the rows of reading.def. */
#ifndef POLLCHECK_REQUEST_H
#define POLLCHECK_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

enum reader { SHOW = 1, STATS = 2, REPORT = 4, EXPORT = 8 };

enum reading_id {
#define READING(id, ...) READING_##id,
#include "reading.def"
#undef READING
	READINGS
};

enum { LIST_MAX = 32 };

struct number_list {
	unsigned count;
	int64_t of[LIST_MAX];
};

/* Nanoseconds: since the begin of the trace, or since the Unix epoch. */
struct moment {
	bool absolute;
	int64_t ns;
};

struct request {
	const char *value[READINGS]; /* NULL: not given */
	struct number_list numbers[READINGS];
	struct moment moments[READINGS];
	char **traces;
	int count;
};

/* Ends the command with one line and USAGE when something is wrong, or a trace is missing or too
 * many; and after
 * --help. argv[0] is the word of the command. */
struct request request_parse(enum reader, int argc, char **argv);

#endif

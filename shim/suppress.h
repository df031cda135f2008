/* The suppressions file: lines rule:glob that say which findings are known and not to be reported.
 * The library applies it by function and module, the command, which knows files, by those too. */
#ifndef POLLCHECK_SUPPRESS_H
#define POLLCHECK_SUPPRESS_H

#include "finding.h"

#include <stdbool.h>
#include <stddef.h>

enum { SUPPRESSIONS_MAX = 256, SUPPRESSION_RULE = 48, SUPPRESSION_GLOB = 112 };

struct suppression_error {
	unsigned line;
	const char *reason; /* with the fix */
};

/* Adds the lines of text to the table; neither allocates nor keeps text. False at the first line
 * that cannot be understood: *error says which and why, the lines before it stay in force. */
bool suppress_load(const char *text, size_t length, struct suppression_error *error);

/* Whether a line names the finding: its rule, and the function, module (path or base name) or
 * source file of any frame of any of its stacks. Safe in a signal handler. */
bool suppressed(const struct finding *);

#endif

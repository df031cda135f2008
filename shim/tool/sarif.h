/* Findings as one SARIF 2.1.0 document, of one run: the tool and its rules, the results, and how
 * the command was called and ended. It is written when all has ended, since it has to be whole. */
#ifndef POLLCHECK_SARIF_H
#define POLLCHECK_SARIF_H

#include "finding.h"

#include <stdbool.h>
#include <stddef.h>

/* How the command ends, and what it has to say about its own work. */
struct ending {
	int exit_code, signal; /* signal: 0, or what kills the command as it killed the program */
	bool reached;          /* the library got into the program */
};

/* program: the file that is run. */
void sarif_begin(char **arguments, const char *program);
void sarif_finding(const struct finding *);
/* The whole document, in memory that the caller frees. */
char *sarif_end(const struct ending *, const struct summary *, size_t *length);

#endif

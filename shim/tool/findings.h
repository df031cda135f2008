/* What becomes of the records of the channel. */
#ifndef POLLCHECK_FINDINGS_H
#define POLLCHECK_FINDINGS_H

#include "finding.h"

#include <stdbool.h>

/* Reads the suppressions file; ends the command when it cannot be understood. */
void findings_suppress(const char *path);

/* Reports the new records. */
void findings_read(void);

/* Writes the summary of all processes, if anything was found; returns it. */
const struct summary *findings_end(void);

/* Whether a warning or an error was reported. */
bool findings_any(void);

#endif

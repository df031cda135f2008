/* Where words go: the command's channel, a file, standard error. Holds no descriptor between
 * writes. */
#ifndef POLLCHECK_SINK_H
#define POLLCHECK_SINK_H

#include "finding.h"

#include <stdbool.h>
#include <stddef.h>

/* Remembers which file standard error is, before anything is said; then, when the options are
 * known, maps the channel. Once each, from the constructor. */
void sink_remember_standard_error(void);
void sink_start(void);
void sink_load_suppressions(void);

/* False when there is no channel or nobody reads it any more; a full one swallows and the command
 * says so. */
bool sink_channel_finding(const struct finding *);
bool sink_channel_summary(const struct summary *);

bool sink_colored(void);
/* To report_path, with the process id appended in a forked child, or to standard error. */
void sink_report(const char *text, size_t size);
/* One line of the log, whole, to log_path or to standard error. */
void sink_log(const char *text, size_t size);

#endif

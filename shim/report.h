/* Findings: the only way out of the library for what a rule found. */
#ifndef POLLCHECK_REPORT_H
#define POLLCHECK_REPORT_H

#include "judge.h"

void report_start(void);  /* maps the channel, remembers where standard error leads */
void report_forked(void); /* in a forked child */
void report_end(void);    /* the summary, if there was a finding */

void report(enum rule_id, const struct call *, const struct evidence *);

#endif

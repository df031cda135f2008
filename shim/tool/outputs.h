/* Where the findings go, and in which form: text, JSON lines, or both. */
#ifndef POLLCHECK_OUTPUTS_H
#define POLLCHECK_OUTPUTS_H

#include "finding.h"
#include "options.h"

void outputs_open(const struct options *);
void outputs_finding(const struct finding *);
void outputs_summary(const struct summary *);

#endif

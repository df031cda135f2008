/* Where the findings go, and in which form: text, JSON lines, SARIF. */
#ifndef POLLCHECK_OUTPUTS_H
#define POLLCHECK_OUTPUTS_H

#include "finding.h"
#include "options.h"
#include "sarif.h"

/* arguments: the command line. program: the file that is run. */
void outputs_open(const struct options *, char **arguments, const char *program);
/* One that is suppressed goes into the SARIF document alone. */
void outputs_finding(const struct finding *);
void outputs_summary(const struct summary *);
/* After the last of these: completes the SARIF document, if one is wanted. */
void outputs_end(const struct ending *, const struct summary *);

#endif

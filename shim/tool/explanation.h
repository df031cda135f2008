/* What is said of a rule beyond its row in rules.def (shim/explain.def), and all of it in one
 * piece, for people, for RULES.md and for SARIF. */
#ifndef POLLCHECK_EXPLANATION_H
#define POLLCHECK_EXPLANATION_H

#include "finding.h"

/* The highest of all rows that share the rule's slug. */
enum severity explanation_severity(const struct rule *);

/* In memory that the caller frees. */
char *explanation_text(const struct rule *);
char *explanation_markdown(const struct rule *);

#endif

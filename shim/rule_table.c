/* The words of rules.def, which the library and the pollcheck command share. */
#include "finding.h"

#include <stddef.h>

const struct rule rules[RULES] = {
#define RULE(id, slug, severity, when, predicate, page, sentence, help, means, hurts, fixed)       \
	[RULE_##id] = {slug, severity, page, sentence, help, means, hurts, fixed},
#include "rules.def"
#undef RULE
};

/* The words of rules.def, which the library and the pollcheck command share. */
#include "finding.h"

#include <string.h>

const struct rule rules[RULES] = {
#define RULE(id, slug, severity, when, predicate, page, sentence, help, means, hurts, fixed)       \
	[RULE_##id] = {slug, severity, page, sentence, help, means, hurts, fixed},
#include "rules.def"
#undef RULE
};

const char *const severity_names[] = {"note", "warning", "error"};

uint32_t rule_first_row(uint32_t rule)
{
	uint32_t row = 0;
	while (strcmp(rules[row].slug, rules[rule].slug) != 0)
		row++;
	return row;
}

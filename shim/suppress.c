/* Parses and matches suppressions. The globs are matched here as fnmatch(3) is neither safe in a
 * signal handler nor small on the stack: in a multibyte locale it converts to wide characters. */
#include "suppress.h"

#include <string.h>

static struct suppression {
	char rule[SUPPRESSION_RULE], glob[SUPPRESSION_GLOB];
} table[SUPPRESSIONS_MAX];
static unsigned used;

/* The ']' of the set that starts after a '[', NULL when there is none and '[' means itself. A ']'
 * in the first place belongs to the set, as in glob(7). */
static const char *set_end(const char *set)
{
	set += *set == '!' || *set == '^';
	return *set ? strchr(set + 1, ']') : NULL;
}

static bool in_set(const char *set, const char *end, char c)
{
	bool inverted = *set == '!' || *set == '^', found = false;
	for (set += inverted; set < end; set++) {
		char low = *set, high = low;
		if (end - set > 2 && set[1] == '-')
			high = *(set += 2);
		found |= low <= c && c <= high;
	}
	return found != inverted;
}

/* What follows the part of pattern that stands for the one character c; NULL if it does not. */
static const char *match_one(const char *pattern, char c)
{
	const char *end = *pattern == '[' ? set_end(pattern + 1) : NULL;
	if (end)
		return in_set(pattern + 1, end, c) ? end + 1 : NULL;
	if (*pattern == '?')
		return pattern + 1;
	if (*pattern == '\\' && pattern[1])
		pattern++;
	return *pattern == c ? pattern + 1 : NULL;
}

/* Only the last '*' can need another try: whatever an earlier one took, it may keep. */
static bool matches(const char *pattern, const char *text)
{
	const char *star = NULL, *retry = NULL;
	while (*text || *pattern) {
		if (*pattern == '*') {
			star = ++pattern;
			retry = text;
			continue;
		}
		const char *next = *text && *pattern ? match_one(pattern, *text) : NULL;
		if (next) {
			pattern = next;
			text++;
		} else if (star && *retry) {
			pattern = star;
			text = ++retry;
		} else {
			return false;
		}
	}
	return true;
}

static bool matches_path(const char *pattern, const char *path)
{
	const char *slash = strrchr(path, '/');
	return *path && (matches(pattern, path) || (slash && matches(pattern, slash + 1)));
}

static bool matches_stack(const char *pattern, const struct stack *stack)
{
	for (uint32_t i = 0; i < stack->depth; i++) {
		const struct frame *f = &stack->frames[i];
		if ((*f->function && matches(pattern, f->function)) ||
			matches_path(pattern, f->module) || matches_path(pattern, f->file))
			return true;
	}
	return false;
}

static bool matches_finding(const struct suppression *s, const struct finding *f)
{
	if (!matches(s->rule, rules[f->rule].slug))
		return false;
	bool found = strcmp(s->glob, "*") == 0 || matches_stack(s->glob, &f->stack);
	for (uint32_t i = 0; !found && i < f->related_count; i++)
		found = matches_stack(s->glob, &f->related[i].stack);
	return found;
}

bool suppressed(const struct finding *f)
{
	for (unsigned i = 0; i < used; i++)
		if (matches_finding(&table[i], f))
			return true;
	return false;
}

struct piece {
	const char *start;
	size_t length;
};

static struct piece trim(const char *start, const char *end)
{
	while (start < end && (unsigned char)*start <= ' ')
		start++;
	while (start < end && (unsigned char)end[-1] <= ' ')
		end--;
	return (struct piece){start, (size_t)(end - start)};
}

static bool some_rule_matches(const char *pattern)
{
	for (int i = 0; i < RULES; i++)
		if (matches(pattern, rules[i].slug))
			return true;
	return false;
}

/* NULL, or what is wrong with the line. */
static const char *add_line(struct piece line)
{
	if (line.length == 0 || *line.start == '#')
		return NULL;
	const char *end = line.start + line.length, *colon = memchr(line.start, ':', line.length);
	if (!colon)
		return "no ':'; write rule:glob, as in *:libfoo.so*";
	struct piece rule = trim(line.start, colon), glob = trim(colon + 1, end);
	if (!rule.length || !glob.length)
		return "rule or glob is empty; write * for any";
	if (rule.length >= SUPPRESSION_RULE || glob.length >= SUPPRESSION_GLOB)
		return "rule or glob is too long; shorten it with *";
	if (used == SUPPRESSIONS_MAX)
		return "more than 256 suppressions; join some with *";
	struct suppression *s = &table[used];
	*s = (struct suppression){0};
	memcpy(s->rule, rule.start, rule.length);
	memcpy(s->glob, glob.start, glob.length);
	if (!some_rule_matches(s->rule))
		return "no such rule; `pollcheck rules` lists them";
	used++;
	return NULL;
}

bool suppress_load(const char *text, size_t length, struct suppression_error *error)
{
	const char *end = text + length;
	for (unsigned line = 1; text < end; line++) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		const char *reason = add_line(trim(text, newline ? newline : end));
		if (reason) {
			*error = (struct suppression_error){line, reason};
			return false;
		}
		text = newline ? newline + 1 : end;
	}
	return true;
}

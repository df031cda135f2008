/* Target: suppression files. The first line of the input is what a frame is called, the rest is the
 * file; its globs match what fnmatch(3) says they match, where both mean the same. */
#include "target.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>

/* The parser itself, apart from the one that is linked in: its table starts empty each time. */
#define suppress_load fuzzed_suppress_load
#define suppressed    fuzzed_suppressed
#include "suppress.c"

const char *const target_name = "suppressions";

void target_begins(void)
{
}

static bool plain(const char *text)
{
	for (; *text; text++)
		if (*text < ' ' || *text > '~')
			return false;
	return true;
}

/* In sets fnmatch knows classes, and takes '\' and '/' for something special. A '\' at the end, an
 * empty set or a set that never ends it sees differently in each version. */
static bool means_the_same(const char *pattern)
{
	return plain(pattern) && !strchr(pattern, '[') && !strchr(pattern, ']') &&
	       (!*pattern || pattern[strlen(pattern) - 1] != '\\');
}

static void check_glob(const char *pattern, const char *text)
{
	if (!means_the_same(pattern) || !plain(text))
		return;
	if (matches(pattern, text) != (fnmatch(pattern, text, 0) == 0))
		target_lost("fnmatch(3) does not agree: glob '%s', text '%s'", pattern, text);
}

static void check(const char *name, const char *file, size_t size)
{
	struct suppression_error error = {0};
	struct finding finding = {.rule = 0, .stack.depth = 1};
	used = 0;
	bool whole = suppress_load(file, size, &error);
	if (whole != (error.reason == NULL) || used > SUPPRESSIONS_MAX)
		target_lost("an error without a reason, or a table too full: %s", file);
	snprintf(finding.stack.frames[0].function, sizeof(finding.stack.frames[0].function), "%s",
		name);
	bool expected = false;
	for (unsigned i = 0; i < used; i++) {
		check_glob(table[i].glob, name);
		expected |= matches_finding(&table[i], &finding);
	}
	if (suppressed(&finding) != expected)
		target_lost("suppressed without a line: %s", name);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	char name[96] = "";
	target_given(bytes, size);
	const uint8_t *end = memchr(bytes, '\n', size);
	size_t length = end ? (size_t)(end - bytes) : 0;
	memcpy(name, bytes, length < sizeof(name) ? length : sizeof(name) - 1);
	const char *file = (const char *)bytes + length + (end != NULL);
	check(name, file, size - (size_t)(file - (const char *)bytes));
	return 0;
}

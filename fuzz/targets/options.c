/* Target: POLLCHECK_OPTIONS. Whatever it is, each option has a value it may have; and the whole
 * says what its pairs say one after the other. */
#include "target.h"

#include <stdio.h>
#include <stdlib.h>

/* The parser itself, apart from the one that is linked in: its store of texts starts empty each
 * time. */
#define config      fuzzed_config
#define config_read fuzzed_config_read
#define say         unsaid
#include "config.c"

const char *const target_name = "options";

/* Made, and not written: the arguments must be fit for it. */
void unsaid(const char *format, ...)
{
	char text[8192];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
}

static struct config defaults;

void target_begins(void)
{
	defaults = config;
}

static void start_again(void)
{
	config = defaults;
	texts_used = 0;
}

static bool value_allowed(const struct option *o)
{
	long number = *(const long *)o->value;
	const char *text = *(const char *const *)o->value;
	int choices = 0;
	while (choices < CHOICES_MAX && o->choices[choices])
		choices++;
	switch (o->type) {
	case TEXT:
		return text && (!*text || (text >= texts && text < texts + texts_used));
	case CHOICE_OF:
		return number >= 0 && number < choices;
	default:
		return number >= 0 && (o->type != YESNO || number <= 1);
	}
}

static bool same_value(const struct option *o, const struct config *other)
{
	size_t at = (size_t)((const char *)o->value - (const char *)&config);
	const void *theirs = (const char *)other + at;
	if (o->type == TEXT)
		return strcmp(*(const char *const *)o->value, *(const char *const *)theirs) == 0;
	return *(const long *)o->value == *(const long *)theirs;
}

/* Each is kept in the same store, an empty one as a byte; the first that has no room ends it all.
 */
static void read_pairs(const char *text)
{
	char pair[TEXT_SPACE];
	while (*text) {
		size_t length = strcspn(text, ":");
		if (texts_used + length + 1 > sizeof(texts))
			return;
		memcpy(pair, text, length);
		pair[length] = '\0';
		config_read(pair);
		texts_used += !length;
		text += length + (text[length] == ':');
	}
}

static void check(const char *text)
{
	start_again();
	config_read(text);
	for (int i = 0; i < OPTIONS; i++)
		if (!value_allowed(&options[i]))
			target_lost("%s: %s", options[i].name, text);
	struct config whole = config;
	start_again();
	read_pairs(text);
	for (int i = 0; i < OPTIONS; i++)
		if (options[i].type != TEXT && !same_value(&options[i], &whole))
			target_lost("%s: %s", options[i].name, text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	char *text = malloc(size + 1);
	target_given(bytes, size);
	memcpy(text, bytes, size);
	text[size] = '\0';
	check(text);
	free(text);
	return 0;
}

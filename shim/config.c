/* Parses POLLCHECK_OPTIONS by the rows of options.def. */
#include "config.h"

#include "say.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

struct config config = {
#define OPTION(name, type, value, help) .name = (value),
#include "options.def"
#undef OPTION
};

enum option_type { TEXT, NUMBER, YESNO, CHOICE_OF };
enum { CHOICES_MAX = 4, TEXT_SPACE = 4096 };

struct option {
	const char *name, *help;
	void *value;
	enum option_type type;
	const char *choices[CHOICES_MAX];
};

static const struct option options[] = {
#define TEXT                                                                                       \
	TEXT,                                                                                      \
	{                                                                                          \
		NULL                                                                               \
	}
#define NUMBER                                                                                     \
	NUMBER,                                                                                    \
	{                                                                                          \
		NULL                                                                               \
	}
#define YESNO                                                                                      \
	YESNO,                                                                                     \
	{                                                                                          \
		NULL                                                                               \
	}
#define CHOICE(...)                                                                                \
	CHOICE_OF,                                                                                 \
	{                                                                                          \
		__VA_ARGS__                                                                        \
	}
#define OPTION(name, type, value, help) {#name, help, &config.name, type},
#include "options.def"
#undef OPTION
#undef TEXT
#undef NUMBER
#undef YESNO
#undef CHOICE
};
enum { OPTIONS = sizeof(options) / sizeof(options[0]) };

/* Values are cut out of the environment's string into memory that stays. */
static char texts[TEXT_SPACE];
static size_t texts_used;

static const char *keep(const char *text, size_t length)
{
	if (texts_used + length + 1 > sizeof(texts))
		return NULL;
	char *kept = texts + texts_used;
	memcpy(kept, text, length);
	kept[length] = '\0';
	texts_used += length + 1;
	return kept;
}

static bool set_choice(const struct option *o, const char *text)
{
	for (long i = 0; i < CHOICES_MAX && o->choices[i]; i++)
		if (strcmp(o->choices[i], text) == 0) {
			*(long *)o->value = i;
			return true;
		}
	return false;
}

static bool set_number(const struct option *o, const char *text)
{
	char *end;
	long number = strtol(text, &end, 10);
	if (*text == '\0' || *end != '\0' || number < 0 || (o->type == YESNO && number > 1))
		return false;
	*(long *)o->value = number;
	return true;
}

static bool set(const struct option *o, const char *text)
{
	switch (o->type) {
	case TEXT:
		*(const char **)o->value = text;
		return *text != '\0';
	case CHOICE_OF:
		return set_choice(o, text);
	default:
		return set_number(o, text);
	}
}

static const char *wanted(const struct option *o)
{
	static char list[128];
	if (o->type == TEXT)
		return "a path";
	if (o->type != CHOICE_OF)
		return o->type == YESNO ? "0 or 1" : "a number";
	struct text t = TEXT_IN(list);
	for (int i = 0; i < CHOICES_MAX && o->choices[i]; i++)
		text_add(&t, "%s%s", i ? ", " : "", o->choices[i]);
	return list;
}

static void set_pair(const char *key, size_t key_length, const char *text)
{
	for (int i = 0; i < OPTIONS; i++) {
		const struct option *o = &options[i];
		if (strncmp(o->name, key, key_length) != 0 || o->name[key_length] != '\0')
			continue;
		if (!set(o, text))
			say("POLLCHECK_OPTIONS: %s=%s: expected %s; the default stays", o->name,
				text, wanted(o));
		return;
	}
	say("POLLCHECK_OPTIONS: unknown key '%.*s'; POLLCHECK_OPTIONS=help=1 lists the keys",
		(int)key_length, key);
}

static void print_keys(void)
{
	say("keys of POLLCHECK_OPTIONS (key=value:key=value)");
	for (int i = 0; i < OPTIONS; i++)
		say("  %s=%s: %s", options[i].name, wanted(&options[i]), options[i].help);
}

void config_read(const char *text)
{
	while (text && *text) {
		size_t length = strcspn(text, ":");
		const char *pair = keep(text, length);
		if (!pair) {
			say("POLLCHECK_OPTIONS: longer than %d bytes; the rest is ignored",
				TEXT_SPACE);
			break;
		}
		size_t key_length = strcspn(pair, "=");
		if (length)
			set_pair(pair, key_length, pair[key_length] ? pair + key_length + 1 : "");
		text += length + (text[length] == ':');
	}
	if (config.help)
		print_keys();
}

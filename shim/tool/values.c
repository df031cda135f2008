/* Judges the values of options; those that the library takes too by its own rows of options.def. */
#include "values.h"

#include "refuse.h"
#include "trace_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum key_type { TEXT, NUMBER, YESNO, CHOICE_OF };
enum { CHOICES_MAX = 4 };

struct key {
	const char *name, *help;
	enum key_type type;
	const char *choices[CHOICES_MAX];
};

static const struct key keys[] = {
#define CHOICE(...)                                                                                \
	CHOICE_OF,                                                                                 \
	{                                                                                          \
		__VA_ARGS__                                                                        \
	}
#define OPTION(name_, type_, value, help_) {.name = #name_, .help = help_, .type = type_},
#include "../options.def"
#undef OPTION
#undef CHOICE
};

static const struct key *key_named(const char *name)
{
	const struct key *k = keys;
	while (strcmp(k->name, name) != 0)
		k++;
	return k;
}

static bool number_within(const char *text, long least, long most)
{
	char *end;
	errno = 0;
	long number = strtol(text, &end, 10);
	return end != text && *end == '\0' && errno == 0 && number >= least && number <= most;
}

static const char *list_choices(const struct key *k)
{
	static char list[96];
	list[0] = '\0';
	for (int i = 0; i < CHOICES_MAX && k->choices[i]; i++)
		snprintf(list + strlen(list), sizeof(list) - strlen(list), "%s%s", i ? ", " : "",
			k->choices[i]);
	return list;
}

static const char *expected(const char *what)
{
	static char line[160];
	snprintf(line, sizeof(line), "expected %s", what);
	return line;
}

static const char *judge_key(const struct key *k, const char *value)
{
	for (int i = 0; i < CHOICES_MAX && k->choices[i]; i++)
		if (strcmp(value, k->choices[i]) == 0)
			return NULL;
	if (k->type == CHOICE_OF)
		return expected(list_choices(k));
	if (k->type == YESNO)
		return number_within(value, 0, 1) ? NULL : "expected 0 or 1";
	return number_within(value, 0, LONG_MAX) ? NULL : "expected a number, 0 or more";
}

static const char *absolute(const char *path)
{
	char folder[PATH_MAX], *whole;
	if (*path == '/' || !getcwd(folder, sizeof(folder)))
		return path;
	if (asprintf(&whole, "%s/%s", folder, path) < 0)
		refuse(FAILED, "out of memory");
	return whole;
}

static const char *judge_file(const struct option_row *row, const char **value, int *file)
{
	if (**value == '\0')
		return row->argument[0] == '[' ? NULL : "expected the name of a file";
	if (*row->key && strchr(absolute(*value), ':'))
		return "expected a path without ':', which separates the library's options";
	int flags = row->kind == OUTPUT ? O_WRONLY | O_CREAT | O_TRUNC | O_APPEND : O_RDONLY;
	int fd = open(*value, flags | O_CLOEXEC | O_NOCTTY, 0666);
	if (fd < 0) {
		static char line[96];
		snprintf(line, sizeof(line), "cannot be %s: %m; name another file",
			row->kind == OUTPUT ? "written" : "read");
		return line;
	}
	if (row->kind == OUTPUT)
		*file = fd;
	else
		close(fd);
	*value = absolute(*value);
	return NULL;
}

static const char *judge_folder(const char **value)
{
	*value = absolute(*value);
	if (strchr(*value, ':'))
		return "expected a path without ':', which separates the library's options";
	return trace_folder_made(*value);
}

const char *value_judge(const struct option_row *row, const char **value, int *file)
{
	switch (row->kind) {
	case STATUS:
		return number_within(*value, 0, 255) ? NULL : "expected a status from 0 to 255";
	case INPUT:
	case OUTPUT:
		return judge_file(row, value, file);
	case FOLDER:
		return judge_folder(value);
	case GROUP:
		return trace_group(*value) != NO_GROUP
			       ? NULL
			       : "there is no such group; getent(1) lists them";
	case KEY:
		return judge_key(key_named(row->key), *value);
	default:
		return NULL;
	}
}

const char *value_help(const struct option_row *row)
{
	static char line[256];
	if (row->kind != KEY)
		return row->help;
	const struct key *k = key_named(row->key);
	snprintf(line, sizeof(line), "%s%s%s", k->help, k->type == CHOICE_OF ? ": " : "",
		list_choices(k));
	return line;
}

char *value_of_key(const char *pairs, const char *key)
{
	size_t length = strlen(key);
	char *found = NULL;
	for (const char *pair = pairs; length && pair; pair = strchr(pair, ':')) {
		pair += *pair == ':';
		if (strncmp(pair, key, length) == 0 && pair[length] == '=') {
			free(found);
			pair += length + 1;
			found = strndup(pair, strcspn(pair, ":"));
		}
	}
	return found;
}

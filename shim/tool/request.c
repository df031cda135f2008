/* Parses and judges the options of show, stats, report and export. */
#include "request.h"

#include "calls.h"
#include "finding.h"
#include "nearest.h"
#include "refuse.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

enum value_is { NOTHING, NUMBERS, MOMENT, CALL_NAMES, RULE_NAME, FILE_NAME };

static const struct row {
	const char *name;
	char letter;
	const char *argument;
	int commands;
	enum value_is is;
	const char *help;
} rows[] = {
#define READING(id, name, letter, argument, commands, is, help)                                    \
	{name, letter, argument, commands, is, help},
#include "reading.def"
#undef READING
};

enum { FIRST_VALUE = 256 }; /* getopt_long's answers: beyond every character */

static const char *const usages[] = {
	[SHOW] = "show [options] TRACE",
	[STATS] = "stats [--json] TRACE, or stats [--json] --diff BEFORE AFTER",
	[REPORT] = "report [-o FILE] TRACE",
	[EXPORT] = "export --perfetto [-o FILE] TRACE",
};

/* --- values --- */

static const char *judge_numbers(const char *value, struct number_list *list)
{
	char *end;
	do {
		errno = 0;
		long number = strtol(value, &end, 10);
		if (end == value || errno || number < 0 || list->count == LIST_MAX)
			return "expected numbers with commas between, 0 or more, at most 32";
		list->of[list->count++] = number;
		value = end + 1;
	} while (*end == ',');
	return *end ? "expected numbers with commas between, 0 or more, at most 32" : NULL;
}

/* A number as large as today's is one since the epoch. */
static const char *judge_moment(const char *value, struct moment *m)
{
	static const struct {
		const char *name;
		double ns;
	} units[] = {{"", 1e9}, {"s", 1e9}, {"ms", 1e6}, {"us", 1e3}, {"ns", 1}, {"min", 60e9},
		{"h", 3600e9}};
	char *end;
	double number = strtod(value, &end);
	for (unsigned i = 0; end != value && i < sizeof(units) / sizeof(units[0]); i++)
		if (strcmp(end, units[i].name) == 0 && number >= 0 && number * units[i].ns < 9e18) {
			m->absolute = !*end && number >= 1e8;
			m->ns = (int64_t)(number * units[i].ns);
			return NULL;
		}
	return "expected seconds, or a number with ns, us, ms, s, min or h";
}

static const char *call_at(size_t i)
{
	return calls[i].name;
}

static const char *rule_at(size_t i)
{
	return rules[i].slug;
}

static const char *unknown(const char *word, size_t count, const char *(*at)(size_t))
{
	static char line[160];
	for (size_t i = 0; i < count; i++)
		if (strcmp(at(i), word) == 0)
			return NULL;
	snprintf(line, sizeof(line), "'%.60s' is not known; did you mean %s?", word,
		nearest(word, count, at));
	return line;
}

static const char *judge_calls(const char *value)
{
	char name[64];
	const char *wrong = NULL;
	for (const char *at = value; !wrong && at; at = strchr(at, ',')) {
		at += *at == ',';
		snprintf(name, sizeof(name), "%.*s", (int)strcspn(at, ","), at);
		wrong = unknown(name, CALLS, call_at);
	}
	return wrong;
}

static const char *judge(struct request *r, int id, const char *value)
{
	switch (rows[id].is) {
	case NUMBERS:
		return judge_numbers(value, &r->numbers[id]);
	case MOMENT:
		return judge_moment(value, &r->moments[id]);
	case CALL_NAMES:
		return judge_calls(value);
	case RULE_NAME:
		return unknown(value, RULES, rule_at);
	case FILE_NAME:
		return *value ? NULL : "expected the name of a file";
	default:
		return NULL;
	}
}

/* --- words --- */

static void print_help(enum reader reader)
{
	printf("usage: pollcheck %s\n\n", usages[reader]);
	for (int i = 0; i < READINGS; i++) {
		if (!(rows[i].commands & reader))
			continue;
		printf("  --%s%s\n        %s", rows[i].name, rows[i].argument, rows[i].help);
		if (rows[i].letter)
			printf("; -%c for short", rows[i].letter);
		putchar('\n');
	}
	puts("\nTRACE is the folder that trace= or pollcheck record made. pollcheck(1) tells "
	     "more.");
	exit(0);
}

static enum reader parsed; /* the command at hand, for its words */

static const char *option_at(size_t i)
{
	for (int id = 0; id < READINGS; id++)
		if (rows[id].commands & parsed && i-- == 0)
			return rows[id].name;
	return rows[READING_HELP].name;
}

static size_t option_count(void)
{
	size_t count = 0;
	for (int id = 0; id < READINGS; id++)
		count += (rows[id].commands & parsed) != 0;
	return count;
}

static void refuse_word(int answer, char **argv)
{
	const char *word = argv[optind - 1];
	int id = optopt - FIRST_VALUE;
	if (answer == ':')
		refuse(USAGE, "%s: %s needs a value; see pollcheck %s --help", argv[0], word,
			argv[0]);
	if (id >= 0)
		refuse(USAGE, "%s: %s: --%s takes no value", argv[0], word, rows[id].name);
	if (strncmp(word, "--", 2) != 0)
		refuse(USAGE, "%s: unknown option '-%c'; see pollcheck %s --help", argv[0], optopt,
			argv[0]);
	refuse(USAGE, "%s: unknown option '%s'; did you mean --%s? see pollcheck %s --help",
		argv[0], word, nearest(word + 2, option_count(), option_at), argv[0]);
}

/* --- parsing --- */

static int id_of(int answer)
{
	if (answer >= FIRST_VALUE)
		return answer - FIRST_VALUE;
	for (int id = 0; id < READINGS; id++)
		if (rows[id].letter && rows[id].letter == answer && rows[id].commands & parsed)
			return id;
	return -1;
}

static void parse_words(struct request *r, int argc, char **argv)
{
	struct option words[READINGS + 1] = {0};
	char letters[3 * READINGS + 2] = ":";
	int used = 0, answer;
	for (int i = 0; i < READINGS; i++) {
		if (!(rows[i].commands & parsed))
			continue;
		words[used++] = (struct option){rows[i].name,
			*rows[i].argument ? required_argument : no_argument, NULL, FIRST_VALUE + i};
		if (rows[i].letter)
			sprintf(letters + strlen(letters), "%c%s", rows[i].letter,
				*rows[i].argument ? ":" : "");
	}
	opterr = 0;
	optind = 0; /* glibc: begin anew, and take options after the trace too */
	while ((answer = getopt_long(argc, argv, letters, words, NULL)) != -1) {
		int id = answer == ':' || answer == '?' ? -1 : id_of(answer);
		if (id < 0)
			refuse_word(answer, argv);
		r->value[id] = optarg ? optarg : "";
		r->numbers[id].count = 0;
		const char *wrong = judge(r, id, r->value[id]);
		if (wrong)
			refuse(USAGE, "%s: --%s=%s: %s", argv[0], rows[id].name, r->value[id],
				wrong);
	}
	r->traces = argv + optind;
	r->count = argc - optind;
}

struct request request_parse(enum reader reader, int argc, char **argv)
{
	struct request r = {0};
	parsed = reader;
	parse_words(&r, argc, argv);
	if (r.value[READING_HELP])
		print_help(reader);
	int wanted = r.value[READING_DIFF] ? 2 : 1;
	if (r.count < wanted)
		refuse(USAGE, "%s: name %s; usage: pollcheck %s", argv[0],
			wanted == 2 ? "two traces" : "a trace", usages[reader]);
	if (r.count > wanted)
		refuse(USAGE, "%s: unexpected '%s'; usage: pollcheck %s", argv[0], r.traces[wanted],
			usages[reader]);
	return r;
}

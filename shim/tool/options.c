/* Reads the options of the command line and of POLLCHECK_OPTIONS; values are judged in values.c. */
#include "options.h"

#include "nearest.h"
#include "refuse.h"
#include "values.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct option_row rows[] = {
#define OPTION(id, name, argument, kind, key, help) {name, argument, kind, key, help},
#include "command.def"
#undef OPTION
};

enum { FIRST_VALUE = 256 }; /* getopt_long's answers: beyond every character */

static const char *name_at(size_t i)
{
	return rows[i].name;
}

static void print_help(void)
{
	puts("usage: pollcheck [run] [options] [--] command [argument...]\n"
	     "       pollcheck record -o DIR [options] [--] command [argument...]\n"
	     "       pollcheck snapshot DIR -o COPY\n"
	     "       pollcheck rules [--json | --markdown]\n"
	     "       pollcheck explain RULE\n"
	     "       pollcheck show, stats, report, export [options] TRACE\n"
	     "\nRuns a command and explains how it misuses select, poll and epoll.\n");
	for (int i = 0; i < OPTIONS; i++)
		printf("  --%s%s\n        %s\n", rows[i].name, rows[i].argument,
			value_help(&rows[i]));
	puts("\nExit status: the command's own; 2 bad usage, 125 pollcheck failed, 126 and 127 the "
	     "command\ncannot be run or found. pollcheck(1) tells more.");
}

static int argument_kind(const char *argument)
{
	return *argument == '=' ? required_argument : *argument ? optional_argument : no_argument;
}

static void refuse_word(int answer, char **argv)
{
	const char *word = argv[optind - 1];
	int id = optopt == 'o' ? OPTION_TRACE : optopt - FIRST_VALUE;
	if (answer == ':')
		refuse(USAGE, "--%s needs a value: --%s%s", rows[id].name, rows[id].name,
			rows[id].argument);
	if (id >= 0)
		refuse(USAGE, "%s: --%s takes no value", word, rows[id].name);
	if (strncmp(word, "--", 2) != 0)
		refuse(USAGE, "unknown option '-%c'; see pollcheck --help", optopt);
	word += 2;
	refuse(USAGE, "unknown option '--%s'; did you mean --%s? see pollcheck --help", word,
		nearest(word, OPTIONS, name_at));
}

static void accept(struct options *o, int id, const char *value)
{
	const char *wrong = value_judge(&rows[id], &value, &o->file[id]);
	if (wrong)
		refuse(USAGE, "--%s=%s: %s", rows[id].name, value, wrong);
	o->value[id] = value;
	o->inherited[id] = false;
}

/* The keys that the command understands too, so that color=never works from there as well. */
static void inherit(struct options *o)
{
	const char *pairs = getenv("POLLCHECK_OPTIONS");
	for (int i = 0; pairs && i < OPTIONS; i++) {
		char *value = rows[i].kind == OUTPUT || rows[i].kind == FOLDER
				      ? NULL
				      : value_of_key(pairs, rows[i].key);
		const char *judged = value;
		if (value && !value_judge(&rows[i], &judged, &o->file[i])) {
			o->value[i] = judged;
			o->inherited[i] = true;
		}
	}
}

/* A document is the command's to write, wherever it was asked for. */
static void inherit_sarif(struct options *o)
{
	const char *pairs = getenv("POLLCHECK_OPTIONS");
	char *format = pairs ? value_of_key(pairs, "report_format") : NULL;
	char *path = pairs ? value_of_key(pairs, "report_path") : NULL;
	if (!o->value[OPTION_SARIF] && format && strcmp(format, "sarif") == 0)
		accept(o, OPTION_SARIF, path ? path : "");
	free(format);
}

static void parse_words(struct options *o, int argc, char **argv)
{
	struct option words[OPTIONS + 1] = {0};
	for (int i = 0; i < OPTIONS; i++)
		words[i] = (struct option){
			rows[i].name, argument_kind(rows[i].argument), NULL, FIRST_VALUE + i};
	int answer;
	opterr = 0;
	while ((answer = getopt_long(argc, argv, "+:o:", words, NULL)) != -1) {
		if (answer == 'o')
			answer = FIRST_VALUE + OPTION_TRACE;
		if (answer < FIRST_VALUE)
			refuse_word(answer, argv);
		accept(o, answer - FIRST_VALUE, optarg ? optarg : "");
	}
	o->command = argv + optind;
	if (*o->command)
		inherit_sarif(o);
}

struct options options_parse(int argc, char **argv)
{
	struct options o = {0};
	memset(o.file, -1, sizeof(o.file));
	inherit(&o);
	parse_words(&o, argc, argv);
	if (o.value[OPTION_HELP])
		print_help();
	else if (o.value[OPTION_VERSION])
		puts("pollcheck " POLLCHECK_VERSION);
	else if (!*o.command)
		refuse(USAGE,
			"no command given; usage: pollcheck [options] -- command [argument...]");
	else
		return o;
	exit(0);
}

void options_export(const struct options *o, const char *channel)
{
	char *pairs = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&pairs, &size);
	if (!out)
		refuse(FAILED, "out of memory");
	if (getenv("POLLCHECK_OPTIONS"))
		fprintf(out, "%s:", getenv("POLLCHECK_OPTIONS"));
	if (o->value[OPTION_LOG] && !o->value[OPTION_LOG_FORMAT])
		fputs("log=text:", out);
	for (int i = 0; i < OPTIONS; i++)
		if (*rows[i].key && o->value[i] && *o->value[i] && !o->inherited[i])
			fprintf(out, "%s=%s:", rows[i].key, o->value[i]);
	fprintf(out, "channel=%s", channel);
	fclose(out);
	setenv("POLLCHECK_OPTIONS", pairs, 1);
	free(pairs);
}

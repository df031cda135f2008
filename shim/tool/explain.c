/* Prints rules for people, wrapped, and as JSON lines. */
#include "explain.h"

#include "finding.h"
#include "nearest.h"
#include "refuse.h"
#include "text.h"

#include <stdio.h>
#include <string.h>

static const char *const severities[] = {"note", "warning", "error"};

/* A slug may have several rows; the one with the texts speaks for all of them. */
static bool is_main(const struct rule *r)
{
	return r->means != NULL;
}

static const char *severity_of(const struct rule *main)
{
	enum severity highest = main->severity;
	for (const struct rule *r = rules; r < rules + RULES; r++)
		if (r->severity > highest && strcmp(r->slug, main->slug) == 0)
			highest = r->severity;
	return severities[highest];
}

static void print_json(const struct rule *r)
{
	const struct {
		const char *key, *value;
	} members[] = {{"rule", r->slug}, {"severity", severity_of(r)}, {"page", r->page},
		{"help", r->help}, {"means", r->means}, {"hurts", r->hurts}, {"fixed", r->fixed}};
	char line[16 * 1024];
	struct text t = TEXT_IN(line);
	for (unsigned i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		text_add(&t, i ? "," : "{");
		text_add_json(&t, members[i].key);
		text_add(&t, ":");
		text_add_json(&t, members[i].value);
	}
	printf("%s}\n", line);
}

static void print_row(const struct rule *r)
{
	const char *end = strstr(r->means, ". ");
	int length = end ? (int)(end - r->means) + 1 : -1;
	printf("%-30s %-7s  %.*s (%s)\n", r->slug, severity_of(r), length, r->means, r->page);
}

int rules_list(int argc, char **argv)
{
	bool json = argc == 2 && strcmp(argv[1], "--json") == 0;
	if (argc > 1 && !json)
		refuse(USAGE, "rules: unexpected '%s'; usage: pollcheck rules [--json]",
			argv[argc - 1]);
	for (const struct rule *r = rules; r < rules + RULES; r++)
		if (is_main(r))
			(json ? print_json : print_row)(r);
	return 0;
}

enum { WIDTH = 78, INDENT = 2 };

static void print_wrapped(const char *title, const char *text)
{
	size_t column = WIDTH;
	printf("\n%s:", title);
	while (*(text += strspn(text, " \n"))) {
		size_t length = strcspn(text, " \n");
		bool breaks = column + 1 + length > WIDTH;
		column = breaks ? INDENT + length : column + 1 + length;
		printf(breaks ? "\n%*s%.*s" : "%*s%.*s", breaks ? INDENT : 1, "", (int)length,
			text);
		text += length;
	}
	putchar('\n');
}

static const char *slug_at(size_t i)
{
	return rules[i].slug;
}

int rule_explain(int argc, char **argv)
{
	if (argc != 2)
		refuse(USAGE, "explain: name one rule; usage: pollcheck explain RULE");
	const struct rule *r = rules;
	while (r < rules + RULES && !(is_main(r) && strcmp(r->slug, argv[1]) == 0))
		r++;
	if (r == rules + RULES)
		refuse(USAGE, "no rule '%s'; did you mean %s? `pollcheck rules` lists them",
			argv[1], nearest(argv[1], RULES, slug_at));
	printf("%s (%s), %s\n", r->slug, severity_of(r), r->page);
	print_wrapped("What it means", r->means);
	print_wrapped("Why it hurts", r->hurts);
	print_wrapped("How it looks fixed", r->fixed);
	print_wrapped("In short", r->help);
	return 0;
}

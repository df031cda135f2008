/* Prints rules for people, wrapped, and as JSON lines. */
#include "explain.h"

#include "explanation.h"
#include "nearest.h"
#include "refuse.h"
#include "text.h"

#include <stdio.h>
#include <string.h>

/* A slug may have several rows; the one with the texts speaks for all of them. */
static bool is_main(const struct rule *r)
{
	return r->means != NULL;
}

static const char *severity_of(const struct rule *main)
{
	return severity_names[explanation_severity(main)];
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

/* By slug, so that rules added at the same time rarely meet. */
static int by_slug(const void *a, const void *b)
{
	return strcmp(
		(*(const struct rule *const *)a)->slug, (*(const struct rule *const *)b)->slug);
}

static int print_markdown(void)
{
	const struct rule *sorted[RULES];
	size_t count = 0;
	for (const struct rule *r = rules; r < rules + RULES; r++)
		if (is_main(r))
			sorted[count++] = r;
	qsort(sorted, count, sizeof(sorted[0]), by_slug);
	puts("# The rules\n\nMade by `make docs` from `rules.def` and `explain.def`: change "
	     "those.");
	for (size_t i = 0; i < count; i++) {
		char *text = explanation_markdown(sorted[i]);
		printf("\n%s", text);
		free(text);
	}
	return 0;
}

int rules_list(int argc, char **argv)
{
	const char *form = argc == 2 ? argv[1] : "";
	bool json = strcmp(form, "--json") == 0, markdown = strcmp(form, "--markdown") == 0;
	if (argc > 1 && !json && !markdown)
		refuse(USAGE,
			"rules: unexpected '%s'; usage: pollcheck rules [--json | --markdown]",
			argv[argc - 1]);
	if (markdown)
		return print_markdown();
	for (const struct rule *r = rules; r < rules + RULES; r++)
		if (is_main(r))
			(json ? print_json : print_row)(r);
	return 0;
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
	char *text = explanation_text(r);
	fputs(text, stdout);
	free(text);
	return 0;
}

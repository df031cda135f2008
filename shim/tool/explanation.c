/* One table of parts, two forms. */
#include "explanation.h"

#include "refuse.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const struct explanation {
	const char *slug, *cases, *wrong, *proven, *spared;
} explanations[] = {
#define EXPLAIN(...) {__VA_ARGS__},
#include "../explain.def"
#undef EXPLAIN
};

static const struct explanation *explanation_of(const struct rule *r)
{
	static const struct explanation none;
	for (unsigned i = 0; i < sizeof(explanations) / sizeof(explanations[0]); i++)
		if (strcmp(explanations[i].slug, r->slug) == 0)
			return &explanations[i];
	return &none;
}

enum severity explanation_severity(const struct rule *main)
{
	enum severity highest = main->severity;
	for (const struct rule *r = rules; r < rules + RULES; r++)
		if (r->severity > highest && strcmp(r->slug, main->slug) == 0)
			highest = r->severity;
	return highest;
}

/* A part without words is left out. */
struct part {
	const char *title, *words;
	bool code;
};
enum { PARTS = 8 };

static void parts_of(const struct rule *r, struct part parts[PARTS])
{
	const struct explanation *e = explanation_of(r);
	const struct part all[PARTS] = {
		{"What it means", r->means, false},
		{"Why it hurts", r->hurts, false},
		{"Seen in", e->cases, false},
		{"Wrong", e->wrong, true},
		{"Right", r->fixed, true},
		{"How it is proven", e->proven, false},
		{"What is not flagged", e->spared, false},
		{"In short", r->help, false},
	};
	memcpy(parts, all, sizeof(all));
}

/* --- for people --- */

enum { WIDTH = 78, INDENT = 2 };

static void add_wrapped(FILE *out, const char *text)
{
	size_t column = WIDTH;
	while (*(text += strspn(text, " \n"))) {
		size_t length = strcspn(text, " \n");
		bool breaks = column + 1 + length > WIDTH;
		column = breaks ? INDENT + length : column + 1 + length;
		fprintf(out, breaks ? "\n%*s%.*s" : "%*s%.*s", breaks ? INDENT : 1, "", (int)length,
			text);
		text += length;
	}
	putc('\n', out);
}

static void add_code(FILE *out, const char *code)
{
	putc('\n', out);
	for (const char *line = code; *line; line += line[0] == '\n') {
		int length = (int)strcspn(line, "\n");
		fprintf(out, "%*s%.*s\n", 2 * INDENT, "", length, line);
		line += length;
	}
}

static FILE *memory(char **text)
{
	static size_t length;
	FILE *out = open_memstream(text, &length);
	if (!out)
		refuse(FAILED, "out of memory");
	return out;
}

char *explanation_text(const struct rule *r)
{
	char *text;
	struct part parts[PARTS];
	FILE *out = memory(&text);
	parts_of(r, parts);
	fprintf(out, "%s (%s), %s\n", r->slug, severity_names[explanation_severity(r)], r->page);
	for (const struct part *p = parts; p < parts + PARTS; p++) {
		if (!p->words)
			continue;
		fprintf(out, "\n%s:", p->title);
		(p->code ? add_code : add_wrapped)(out, p->words);
	}
	fclose(out);
	return text;
}

/* --- Markdown --- */

/* Words that Markdown would take for tags or emphasis stay as they are. */
static void add_plain(FILE *out, const char *words)
{
	for (; *words; words++) {
		if (strchr("<*_`[]\\|", *words))
			putc('\\', out);
		putc(*words, out);
	}
}

char *explanation_markdown(const struct rule *r)
{
	char *text;
	struct part parts[PARTS];
	FILE *out = memory(&text);
	parts_of(r, parts);
	fprintf(out, "## %s\n\n", r->slug);
	fprintf(out, "%s; ", severity_names[explanation_severity(r)]);
	add_plain(out, r->page);
	putc('\n', out);
	for (const struct part *p = parts; p < parts + PARTS; p++) {
		if (!p->words)
			continue;
		fprintf(out, p->code ? "\n**%s:**\n\n```c\n" : "\n**%s:** ", p->title);
		p->code ? (void)fputs(p->words, out) : add_plain(out, p->words);
		fputs(p->code ? "\n```\n" : "\n", out);
	}
	fclose(out);
	return text;
}

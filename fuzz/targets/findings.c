/* Target: findings as text and as JSON. Whatever bytes names and messages are made of, a line of
 * JSON is one line, and JSON (RFC 8259) in UTF-8; and what does not fit is said, not written. */
#include "target.h"

#include "render.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const target_name = "findings";

void target_begins(void)
{
}

/* --- is it JSON? --- */

static const char *skip_value(const char *s);

static const char *skip_string(const char *s)
{
	if (*s++ != '"')
		return NULL;
	for (; *s != '"'; s++) {
		if ((unsigned char)*s < ' ')
			return NULL;
		if (*s == '\\' && !strchr("\"\\/bfnrtu", *++s))
			return NULL;
	}
	return s + 1;
}

static const char *skip_pair(const char *s)
{
	s = skip_string(s);
	return s && *s == ':' ? skip_value(s + 1) : NULL;
}

static const char *skip_list(const char *s, char end, const char *(*skip)(const char *))
{
	if (*++s == end)
		return s + 1;
	while ((s = skip(s)) && *s == ',')
		s++;
	return s && *s == end ? s + 1 : NULL;
}

static const char *skip_value(const char *s)
{
	if (*s == '{')
		return skip_list(s, '}', skip_pair);
	if (*s == '[')
		return skip_list(s, ']', skip_value);
	if (*s == '"')
		return skip_string(s);
	size_t length = strspn(s, "-+.0123456789eE");
	if (length)
		return s + length;
	for (const char *const *word = (const char *const[]){"true", "false", "null", NULL}; *word;
		word++)
		if (strncmp(s, *word, strlen(*word)) == 0)
			return s + strlen(*word);
	return NULL;
}

/* Well-formed UTF-8, without surrogates and overlong forms (RFC 3629). */
static bool is_utf8(const char *text)
{
	const unsigned char *s = (const unsigned char *)text;
	while (*s) {
		int more = *s < 0x80   ? 0
			   : *s < 0xc2 ? -1
			   : *s < 0xe0 ? 1
			   : *s < 0xf0 ? 2
			   : *s < 0xf5 ? 3
				       : -1;
		if (more < 0 || (*s == 0xe0 && s[1] < 0xa0) || (*s == 0xed && s[1] > 0x9f) ||
			(*s == 0xf0 && s[1] < 0x90) || (*s == 0xf4 && s[1] > 0x8f))
			return false;
		while (more--)
			if ((*++s & 0xc0) != 0x80)
				return false;
		s++;
	}
	return true;
}

static void fail(const char *what, const char *text)
{
	fprintf(stderr, "divergence (findings): %s: %s\n", what, text);
	abort();
}

/* --- a finding out of bytes --- */

static void terminate(char *text, size_t size)
{
	text[size - 1] = '\0';
}

#define TERMINATE(field) terminate(field, sizeof(field))

static void terminate_stack(struct stack *stack)
{
	stack->depth %= FRAMES_MAX + 1;
	for (int i = 0; i < FRAMES_MAX; i++) {
		TERMINATE(stack->frames[i].module);
		TERMINATE(stack->frames[i].build_id);
		TERMINATE(stack->frames[i].function);
		TERMINATE(stack->frames[i].file);
	}
}

static void make_valid(struct finding *f)
{
	f->rule %= RULES;
	f->severity %= ERROR + 1;
	TERMINATE(f->message);
	TERMINATE(f->call);
	TERMINATE(f->call_name);
	TERMINATE(f->fd_is);
	TERMINATE(f->confirmed_by);
	TERMINATE(f->hint);
	f->related_count %= RELATED_MAX + 1;
	terminate_stack(&f->stack);
	for (int i = 0; i < RELATED_MAX; i++) {
		TERMINATE(f->related[i].what);
		terminate_stack(&f->related[i].stack);
	}
}

static void check(const struct finding *f, size_t room)
{
	static char text[1 << 20];
	size_t length = render_finding_json(text, room, f);
	if (length != strlen(text) || length >= room)
		fail("the length is wrong", text);
	if (room < sizeof(text)) /* it may be cut */
		return;
	const char *end = skip_value(text);
	if (!end || (*end && strcmp(end, "\n") != 0))
		fail("no JSON", text);
	if (!is_utf8(text))
		fail("no UTF-8", text);
	length = render_finding_text(text, room, f, f->count & 1);
	if (length != strlen(text))
		fail("the length is wrong", text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static struct finding finding;
	target_once();
	/* the bytes again and again: a finding is larger than an input should be */
	for (size_t at = 0; at < sizeof(finding) && size; at += size)
		memcpy((char *)&finding + at, bytes,
			size < sizeof(finding) - at ? size : sizeof(finding) - at);
	make_valid(&finding);
	check(&finding, size && bytes[0] & 1 ? 64 + 4 * (size_t)bytes[0] : 1 << 20);
	return 0;
}

/* Target: findings as text and as JSON. Whatever bytes names and messages are made of, a line of
 * JSON is one line, and JSON (RFC 8259) in UTF-8; and what does not fit is said, not written. */
#include "is_json.h"
#include "target.h"

#include "render.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const target_name = "findings";

void target_begins(void)
{
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
		target_lost("the length is wrong: %s", text);
	if (room < sizeof(text)) /* it may be cut */
		return;
	if (!is_json(text))
		target_lost("no JSON: %s", text);
	if (strcspn(text, "\n") + 1 < length)
		target_lost("more than a line: %s", text);
	if (!is_utf8(text))
		target_lost("no UTF-8: %s", text);
	length = render_finding_text(text, room, f, f->count & 1);
	if (length != strlen(text))
		target_lost("the length is wrong: %s", text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static struct finding finding;
	target_given(bytes, size);
	/* the bytes again and again: a finding is larger than an input should be */
	for (size_t at = 0; at < sizeof(finding) && size; at += size)
		memcpy((char *)&finding + at, bytes,
			size < sizeof(finding) - at ? size : sizeof(finding) - at);
	make_valid(&finding);
	check(&finding, size && bytes[0] & 1 ? 64 + 4 * (size_t)bytes[0] : 1 << 20);
	return 0;
}

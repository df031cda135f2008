/* Appends to bounded buffers. glibc's vsnprintf with integers and strings neither allocates nor
 * locks. */
#include "text.h"

#include <stdio.h>

void text_add_list(struct text *t, const char *format, va_list list)
{
	size_t room = t->size - t->used;
	int length = vsnprintf(t->start + t->used, room, format, list);
	if (length < 0)
		return;
	t->cut |= (size_t)length >= room;
	t->used += (size_t)length < room ? (size_t)length : room - 1;
}

void text_add(struct text *t, const char *format, ...)
{
	va_list list;
	va_start(list, format);
	text_add_list(t, format, list);
	va_end(list);
}

/* Length of the UTF-8 sequence at s, 0 where there is none (RFC 3629, section 4). */
static int utf8_length(const unsigned char *s)
{
	int more = s[0] < 0x80             ? 0
		   : (s[0] & 0xe0) == 0xc0 ? 1
		   : (s[0] & 0xf0) == 0xe0 ? 2
		   : (s[0] & 0xf8) == 0xf0 ? 3
					   : -1;
	bool overlong = (s[0] & 0xfe) == 0xc0 || (s[0] == 0xe0 && s[1] < 0xa0) ||
			(s[0] == 0xf0 && s[1] < 0x90) || s[0] > 0xf4 ||
			(s[0] == 0xf4 && s[1] > 0x8f) || (s[0] == 0xed && s[1] > 0x9f);
	if (more < 0 || overlong)
		return 0;
	for (int i = 1; i <= more; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	return more + 1;
}

static int add_json_character(struct text *t, const unsigned char *s)
{
	if (*s == '"' || *s == '\\') {
		text_add(t, "\\%c", *s);
	} else if (*s < 0x20 || *s == 0x7f) {
		text_add(t, "\\u%04x", *s);
	} else {
		int length = utf8_length(s);
		if (!length)
			text_add(t, "\\ufffd");
		else
			text_add(t, "%.*s", length, (const char *)s);
		return length ? length : 1;
	}
	return 1;
}

void text_add_json(struct text *t, const char *string)
{
	const unsigned char *s = (const unsigned char *)string;
	text_add(t, "\"");
	while (*s)
		s += add_json_character(t, s);
	text_add(t, "\"");
}

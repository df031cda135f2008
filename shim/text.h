/* struct text: a bounded buffer that is appended to and never overrun; what does not fit is cut. */
#ifndef POLLCHECK_TEXT_H
#define POLLCHECK_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct text {
	char *start; /* always NUL-terminated once something was added */
	size_t used, size;
	bool cut;
};

#define TEXT_IN(array) ((struct text){.start = (array), .size = sizeof(array)})

void text_add(struct text *, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_add_list(struct text *, const char *format, va_list);
/* Adds a JSON string, quoted and escaped; bytes that are not UTF-8 become U+FFFD. */
void text_add_json(struct text *, const char *string);

#endif

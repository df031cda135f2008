/* JSON members and elements. */
#include "json.h"

#include "refuse.h"
#include "text.h"

#include <inttypes.h>
#include <string.h>

enum { MOST_BYTES_OF_ONE = 6, QUOTES = 3 }; /* \u001f; two quotes and the NUL */

static void write_string(struct json *j, const char *value)
{
	size_t size = MOST_BYTES_OF_ONE * strlen(value) + QUOTES;
	char *escaped = malloc(size);
	if (!escaped)
		refuse(FAILED, "out of memory");
	struct text t = {.start = escaped, .size = size};
	text_add_json(&t, value);
	for (const char *c = escaped; *c; c++)
		if (*c == '<') /* may be the end of the HTML script element this is in */
			fputs("\\u003c", j->out);
		else
			putc(*c, j->out);
	free(escaped);
}

static void begin(struct json *j, const char *key)
{
	if (j->begun)
		putc(',', j->out);
	j->begun = true;
	if (!key)
		return;
	write_string(j, key);
	putc(':', j->out);
}

void json_open(struct json *j, const char *key, char bracket)
{
	begin(j, key);
	putc(bracket, j->out);
	j->begun = false;
}

void json_close(struct json *j, char bracket)
{
	putc(bracket == '{' ? '}' : ']', j->out);
	j->begun = true;
}

void json_string(struct json *j, const char *key, const char *value)
{
	if (!value || !*value)
		return;
	begin(j, key);
	write_string(j, value);
}

void json_number(struct json *j, const char *key, int64_t value)
{
	begin(j, key);
	fprintf(j->out, "%" PRId64, value);
}

void json_boolean(struct json *j, const char *key, bool value)
{
	begin(j, key);
	fputs(value ? "true" : "false", j->out);
}

void json_message(struct json *j, const char *key, const char *value)
{
	json_open(j, key, '{');
	json_string(j, "text", value);
	json_close(j, '{');
}

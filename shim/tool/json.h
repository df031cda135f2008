/* Writes JSON to a stream and puts the commas where they belong. */
#ifndef POLLCHECK_JSON_H
#define POLLCHECK_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct json {
	FILE *out;
	bool begun; /* something stands before the next member or element */
};

/* key is NULL in a list. bracket is '{' or '[', and the same for the end. */
void json_open(struct json *, const char *key, char bracket);
void json_close(struct json *, char bracket);
/* Left out when the value is NULL or empty. */
void json_string(struct json *, const char *key, const char *value);
void json_number(struct json *, const char *key, int64_t value);
void json_boolean(struct json *, const char *key, bool value);
/* {"text": value} */
void json_message(struct json *, const char *key, const char *value);

#endif

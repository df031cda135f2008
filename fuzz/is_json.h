/* What a line or a file of JSON must be. */
#ifndef FUZZ_IS_JSON_H
#define FUZZ_IS_JSON_H

#include <stdbool.h>

/* One value (RFC 8259). */
bool is_json(const char *text);
/* Well-formed UTF-8, without surrogates and overlong forms (RFC 3629). */
bool is_utf8(const char *text);

#endif

/* What an object says of itself, read from its dynamic section (elf(5)) without a C library. */
#ifndef POLLCHECK_AUDIT_SYMBOLS_H
#define POLLCHECK_AUDIT_SYMBOLS_H

#include <link.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool same(const char *, const char *);

/* "" when it has none. */
const char *soname_of(const struct link_map *);

/* The address of a function that the object itself defines; 0 when it does not. */
uintptr_t symbol_in(const struct link_map *, const char *name);

#endif

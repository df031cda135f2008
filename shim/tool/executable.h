/* What the headers of an executable say about who loads it. */
#ifndef POLLCHECK_EXECUTABLE_H
#define POLLCHECK_EXECUTABLE_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

struct executable {
	unsigned char class, order; /* EI_CLASS and EI_DATA of elf(5) */
	uint16_t machine;
	char interpreter[256]; /* the dynamic loader it asks for; empty when static */
	char sanitizer[64];    /* DT_NEEDED that is an ASan runtime */
};

/* False when the file cannot be read or is no ELF file. Of a class or byte order that is not ours
 * only the first three members are filled. */
bool executable_read(const char *path, struct executable *);

bool executable_same_kind(const struct executable *, const struct executable *);

/* "32-bit x86", in words for a message; name is written to. */
const char *executable_kind(const struct executable *, char name[48]);

#endif

/* Calls from namespaces that dlmopen(3) made. Each has a C library of its own with an errno of its
 * own, which is where the caller looks after a failure. */
#ifndef POLLCHECK_AUDIT_ELSEWHERE_H
#define POLLCHECK_AUDIT_ELSEWHERE_H

#include <link.h>
#include <stddef.h>
#include <stdint.h>

enum call_number {
#define CALL(name, kind, roles) CALL_##name,
#include "../calls.def"
#undef CALL
	CALLS
};

extern const char *const call_names[CALLS];

/* Tells of the C library of a namespace, the base one among them. */
void elsewhere_c_library(const struct link_map *, Lmid_t namespace);

/* The function that calls the wrapper for callers of the namespace; 0 where that cannot be done. */
uintptr_t elsewhere(Lmid_t namespace, unsigned call, uintptr_t wrapper);

#endif

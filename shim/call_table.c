/* The rows of calls.def, which the library and the pollcheck command share. */
#include "calls.h"

const struct call_row calls[CALLS] = {
#define CALL(name, kind, roles) [CALL_##name] = {#name, kind, "" roles},
#include "calls.def"
#undef CALL
};

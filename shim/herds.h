/* Thundering herds: accepts that find nothing, because another thread or process woken for the same
 * connection was faster. */
#ifndef POLLCHECK_HERDS_H
#define POLLCHECK_HERDS_H

#include "call.h"

/* accept(2) of the listener gave result. */
void herd_accepted(int listener, int64_t result, enum call_id, const void *site);

#endif

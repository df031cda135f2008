/* Waits that returned nothing: what their sequence in one thread tells about the timeouts given. */
#ifndef POLLCHECK_IDLE_H
#define POLLCHECK_IDLE_H

#include "call.h"

/* A wait returned 0. */
void idle_wait(const struct call *);

#endif

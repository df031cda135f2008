/* The lines of calls that the page shows when asked: each kept once. */
#ifndef POLLCHECK_TEXTS_H
#define POLLCHECK_TEXTS_H

#include "event.h"

/* The number of the call's line; 0, which is the empty one, when there is no room for it. */
uint32_t text_of_call(const struct trace_event *);
/* Its words; the number of texts. */
const char *text_at(uint32_t text);
uint32_t texts(void);

#endif

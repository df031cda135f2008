/* An event as a line, in the notation of strace(1): by the renderer of the log. */
#ifndef POLLCHECK_LINE_H
#define POLLCHECK_LINE_H

#include "event.h"
#include "text.h"

/* "epoll_wait(3, [{events=EPOLLIN, …}], 64, -1) = 1"; most: how many entries of an array are shown.
 */
void line_call(struct text *, const struct trace_event *, int most);
/* The same of any event: "--- descriptor 5 is a pipe ---". */
void line_event(struct text *, const struct trace_event *);
/* "serve_client (server+0x1139)", or "" for a site that is not known. */
void line_site(struct text *, const struct traced_process *, int64_t site);
/* "tcp", of the number a birth has. */
const char *line_kind(int64_t kind);

#endif

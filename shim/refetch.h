/* Full batches fetched with timeout 0, over and over: what is not served meanwhile comes again. */
#ifndef POLLCHECK_REFETCH_H
#define POLLCHECK_REFETCH_H

#include "call.h"

/* An epoll_wait with timeout 0 returned a level-triggered event of fd. */
void refetched(const struct call *, int fd, const struct epoll_event *);

#endif

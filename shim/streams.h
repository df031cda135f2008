/* stdio streams and the descriptors they read: what a stream has read ahead is no input to wait
 * for. */
#ifndef POLLCHECK_STREAMS_H
#define POLLCHECK_STREAMS_H

#include "fdtable.h"

#include <stdio.h>

/* A stream was made for its descriptor; it is about to be closed. */
void stream_opened(FILE *, int fd);
void stream_closed(int fd);

/* Around the look: a wait reported fd; a wait that may have blocked reported nothing. */
void stream_reported(const struct call *, int fd);
void streams_waited(const struct call *);

/* How many unread bytes the stream of fd holds, if a whole line is among them; else 0. */
size_t stream_line_unread(int fd);

#endif

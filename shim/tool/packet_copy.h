/* A copy of a packet that is cut, or that is being written: what of its content is there, as a
 * whole packet. */
#ifndef POLLCHECK_PACKET_COPY_H
#define POLLCHECK_PACKET_COPY_H

#include "trace_layout.h"

/* Whether the file begins as a packet does. */
bool packet_head(const char *path, struct packet *head);
/* False when it does not, or became another packet meanwhile; then nothing is at `to`. */
bool packet_copy(const char *from, const char *to, struct packet *head);

/* Whether each packet of the folder has a size. libbabeltrace2 looks for the next where this one
 * ends: where it begins, if it has none, and so for ever. */
bool packets_end(const char *folder);

#endif

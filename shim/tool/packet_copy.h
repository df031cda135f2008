/* A copy of a packet that is cut, or that is being written: what of its content is there, as a
 * whole packet. */
#ifndef POLLCHECK_PACKET_COPY_H
#define POLLCHECK_PACKET_COPY_H

#include "trace_layout.h"

/* Names are those of a folder that is open, or AT_FDCWD. */

/* Whether the file begins as a packet does. */
bool packet_head(int folder, const char *name, struct packet *head);
bool packet_same(const struct packet *, const struct packet *);
/* False when it does not, or became another packet meanwhile; then nothing is at copy. head: as it
 * was when its content was read; the copy is as large as that. */
bool packet_copy(int from, const char *name, int to, const char *copy, struct packet *head);
/* A new file of these bytes, its owner's alone; when it cannot be made the command ends. */
void file_made(int folder, const char *name, const void *bytes, size_t size);

/* Whether each packet of the folder has a size. libbabeltrace2 looks for the next where this one
 * ends: where it begins, if it has none, and so for ever. */
bool packets_end(const char *folder);
/* Whether its metadata is text (CTF 1.8, section 7.1), as the recorder writes it. libbabeltrace2
 * also takes packets of text, and where their sizes contradict each other it reads for ever. */
bool metadata_is_text(const char *folder);

#endif

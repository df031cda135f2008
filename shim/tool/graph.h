/* The libbabeltrace2 graph that reads traces: its CTF readers, and a sink of ours that takes the
 * events of all streams in order of time. */
#ifndef POLLCHECK_GRAPH_H
#define POLLCHECK_GRAPH_H

#include "gather.h"

#include <babeltrace2/babeltrace.h>
#include <stdbool.h>
#include <stdint.h>

struct graph_events {
	void (*event)(const bt_event *, int64_t ns);
	void (*packet)(const bt_packet *);
	void (*discarded)(const bt_stream *, uint64_t events);
	/* A stream ended before its end: it is named by its thread. */
	void (*damaged)(const char *name, const char *reason);
};

/* Whether libbabeltrace2 can make sense of the folder, as far as its metadata and packet headers
 * tell; else why not. */
bool graph_opens(const char *folder, char *reason, size_t size);

/* Reads the folders to their end. False: not all of them are such that graph_opens, and nothing was
 * read. */
bool graph_read(const struct gathered *, const struct graph_events *);

#endif

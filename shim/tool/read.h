/* Reads a trace: the folder of one process, or one that holds the folders of several. */
#ifndef POLLCHECK_READ_H
#define POLLCHECK_READ_H

#include "event.h"

/* What reading told beside the events. */
struct reading {
	uint64_t events;
	uint64_t discarded;   /* by the recorder: no room on the disk, say */
	uint64_t overwritten; /* by newer ones, as trace_size wants it */
	unsigned damaged;     /* how many places could not be read */
	unsigned processes;
	int64_t first, last; /* when the first began and the last ended, Unix epoch; 0: none did */
};

/* Gives every event to take, in order of time; what cannot be read is left out and said, in a line
 * each, on standard error. Ends the command when path is no trace at all, or when libbabeltrace2
 * was not there at build time. */
struct reading read_trace(const char *path, void (*take)(const struct trace_event *));

/* The same once more, without words about what is damaged. */
struct reading read_again(const char *path, void (*take)(const struct trace_event *));

/* Goes on with what is added, until no process of the trace is there any more. */
struct reading read_live(const char *path, void (*take)(const struct trace_event *));

/* What was said about damage, for what is written to be read by others. */
enum { READ_DAMAGE_MAX = 8 };
extern char read_damage[READ_DAMAGE_MAX][256];

#endif

/* The metadata file of a trace, in TSDL. */
#ifndef POLLCHECK_TRACE_METADATA_H
#define POLLCHECK_TRACE_METADATA_H

#include "text.h"

#include <stdbool.h>
#include <stdint.h>

struct trace_about {
	uint8_t uuid[16];
	char boot[37];     /* /proc/sys/kernel/random/boot_id; empty: unknown */
	int64_t offset_ns; /* from CLOCK_MONOTONIC to CLOCK_REALTIME */
	int pid, parent;
	const char *clock, *program;
	long trace_size;
};

void trace_metadata(struct text *, const struct trace_about *);

#endif

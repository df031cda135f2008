/* What the page of `pollcheck report` shows, gathered in two readings of the trace: the first
 * counts and finds, the second draws lanes of what the first found worth it. */
#ifndef POLLCHECK_DRAWING_H
#define POLLCHECK_DRAWING_H

#include "lane.h"
#include "loops.h"
#include "read.h"

#include <stdio.h>

enum { FINDINGS_SHOWN = 200, THREADS_SHOWN = 48, DESCRIPTORS_SHOWN = 128, WATCHED_MAX = 256 };

struct watched {
	int64_t from, to; /* to: 0 while it lasts */
	int32_t epfd;
	uint32_t events;
};

struct thread_lane {
	const struct thread *thread; /* of the second reading */
	struct lane lane;
	uint32_t wait_text;
	const char *about;
};

struct descriptor_lane {
	const struct descriptor *descriptor;
	struct lane ready, reads, writes;
	struct watched watched[WATCHED_MAX];
	unsigned watched_count;
};

struct shown_finding {
	struct finding finding;
	size_t descriptor, thread; /* ordinals; SIZE_MAX: none */
	int64_t near;              /* how long what is kept around it took */
};

struct drawing {
	const char *path;
	struct reading reading;
	struct loops counted, drawn; /* of the first and the second reading */
	struct shown_finding *findings[FINDINGS_SHOWN];
	size_t finding_count, findings_left_out;
	struct thread_lane *threads[THREADS_SHOWN];
	size_t thread_count;
	struct descriptor_lane *descriptors[DESCRIPTORS_SHOWN];
	size_t descriptor_count;
	size_t *lane_of_descriptor, *lane_of_thread; /* by ordinal; SIZE_MAX: none */
};

void drawing_make(struct drawing *, const char *path);

/* Writes the data of the page. */
void drawing_print(FILE *, const struct drawing *);

#endif

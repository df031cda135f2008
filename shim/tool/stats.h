/* What `pollcheck stats` tells of a trace, kept together so that two can be compared. */
#ifndef POLLCHECK_STATS_H
#define POLLCHECK_STATS_H

#include "json.h"
#include "loops.h"
#include "read.h"

struct stats {
	const char *path;
	struct reading reading;
	struct loops loops;
};

/* "epoll instance 4", "poll in thread 4712", with the process where the trace has several. */
void stats_loop_name(char *name, size_t size, const struct reading *, const struct loop *);
/* "tcp 127.0.0.1:80<-…", as far as it is known */
const char *descriptor_is(const struct descriptor *);
/* "1.25 ms": three digits */
const char *stats_duration(int64_t ns);

void stats_print(const struct stats *);
void stats_print_json(const struct stats *);
void stats_print_json_pair(const struct stats *before, const struct stats *after);
void stats_print_difference(const struct stats *before, const struct stats *after);

/* Members and elements that the page of a report has too. */
void stats_reading_json(struct json *, const char *path, const struct reading *);
void stats_counts_json(struct json *, const struct loop *);
void stats_octaves_json(struct json *, const char *key, const struct histogram *);
void stats_descriptor_json(struct json *, const struct descriptor *);
void stats_handler_json(struct json *, const struct served *, int64_t begin);

#endif

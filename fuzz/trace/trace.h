/* A trace out of bytes, and what the command says of it. */
#ifndef FUZZ_TRACE_H
#define FUZZ_TRACE_H

#include "trace_layout.h"

#include <stddef.h>

struct input {
	const uint8_t *bytes;
	size_t size;
};

/* 0 when there are no more. */
uint8_t next(struct input *);
uint64_t number(struct input *, int size);

enum { FILE_MOST = 256 << 10 };

/* A file that is being made; what does not fit is left out. */
struct content {
	size_t size;
	char bytes[FILE_MOST];
};

void content_add(struct content *, const void *, size_t);

/* --- metadata --- */

struct event_row {
	const char *name;
	enum trace_layout layout;
};
extern const struct event_row event_rows[]; /* the id of an event is its row here */
extern const int event_rows_count;

void metadata_make(struct content *, uint8_t identity, uint8_t clock);

/* --- packets --- */

struct lie {
	uint8_t field;
	uint64_t value;
};

enum { LIES_MOST = 3, SHIFT_MOST = 40 };

struct packet_maker {
	struct content content;
	uint8_t identity;
	int64_t now;
	int lies_count;
	struct lie lies[LIES_MOST]; /* what the head says and is not so */
};

void packet_begin(struct packet_maker *, struct input *);
/* A row, how much later than the last, and the fields. */
void packet_event(struct packet_maker *, struct input *);
void packet_end(struct packet_maker *);

/* --- folders --- */

/* Makes what the bytes say in a folder that is empty. */
void trace_make(const char *folder, struct input);

/* A folder in memory that is gone when this process is, however it ends. */
const char *scratch_begins(void);
void scratch_clear(const char *folder);
bool scratch_is_empty(const char *folder);

/* --- commands --- */

enum { TOO_LONG = 1 << 16, TOO_LARGE = 1 << 17 };

/* Runs it in a child, for it ends its process and keeps what it read. Returns the status of
 * wait(2), or why it was killed. What it says goes to the two descriptors. */
int child_runs(int (*command)(int, char **), int argc, char **argv, int out, int complaints);

#endif

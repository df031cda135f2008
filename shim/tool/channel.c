/* Makes and reads the channel. */
#include "channel.h"

#include "refuse.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { ROOM_AHEAD = 32 };

static struct channel *channel;
static char path[PATH_MAX];
static int file = -1;
static unsigned room;                /* records that have blocks on the disk */
static unsigned first_unread;        /* every record before it was read */
static bool was_read[CHANNEL_SLOTS]; /* a writer killed half-way leaves a hole: read around it */

/* A page without a block on a full disk would kill the program with SIGBUS: blocks are there before
 * the program writes. When no more can be had the channel is closed, and findings are counted lost.
 */
static bool make_room(uint64_t records)
{
	if (records > CHANNEL_SLOTS)
		records = CHANNEL_SLOTS;
	off_t size = (off_t)offsetof(struct channel, records) +
		     (off_t)records * (off_t)sizeof(struct channel_record);
	if (records <= room)
		return true;
	if (fallocate(file, 0, 0, size) < 0 && errno != EOPNOTSUPP && errno != ENOSYS)
		return false;
	room = (unsigned)records;
	return true;
}

/* ':' would end the value of channel= in POLLCHECK_OPTIONS. */
static const char *folder(void)
{
	const char *chosen = getenv("TMPDIR");
	return chosen && *chosen == '/' && !strchr(chosen, ':') ? chosen : "/tmp";
}

const char *channel_create(void)
{
	snprintf(path, sizeof(path), "%s/pollcheck-XXXXXX", folder());
	file = mkostemp(path, O_CLOEXEC);
	if (file < 0)
		refuse(FAILED,
			"%s: cannot make a file there: %m; set TMPDIR to a folder that can "
			"be written",
			folder());
	if (ftruncate(file, sizeof(*channel)) < 0 || !make_room(ROOM_AHEAD))
		channel = MAP_FAILED;
	else
		channel = mmap(NULL, sizeof(*channel), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	if (channel == MAP_FAILED) {
		int reason = errno;
		channel_remove();
		refuse(FAILED, "%s: no room for findings: %s; set TMPDIR to another folder",
			folder(), strerror(reason));
	}
	channel->magic = CHANNEL_MAGIC;
	channel->record_size = sizeof(struct channel_record);
	return path;
}

void channel_remove(void)
{
	unlink(path);
}

/* Names of files and sockets are in there, chosen by anybody: control characters do not reach the
 * terminal. */
static void bound_string(char *string, size_t size)
{
	string[size - 1] = '\0';
	for (; *string; string++)
		if ((unsigned char)*string < ' ' || *string == 0x7f)
			*string = '?';
}

#define BOUND(string) bound_string(string, sizeof(string))

static void bound_stack(struct stack *s)
{
	if (s->depth > FRAMES_MAX)
		s->depth = FRAMES_MAX;
	for (uint32_t i = 0; i < s->depth; i++) {
		BOUND(s->frames[i].module);
		BOUND(s->frames[i].build_id);
		BOUND(s->frames[i].function);
		BOUND(s->frames[i].file);
	}
}

static bool bound_finding(struct finding *f)
{
	if (f->rule >= RULES)
		return false;
	if (f->severity > ERROR)
		f->severity = ERROR;
	if (f->related_count > RELATED_MAX)
		f->related_count = RELATED_MAX;
	BOUND(f->message);
	BOUND(f->call);
	BOUND(f->call_name);
	BOUND(f->fd_is);
	BOUND(f->confirmed_by);
	BOUND(f->hint);
	bound_stack(&f->stack);
	for (uint32_t i = 0; i < f->related_count; i++) {
		BOUND(f->related[i].what);
		bound_stack(&f->related[i].stack);
	}
	return true;
}

static bool bound(struct channel_record *r)
{
	if (r->kind == RECORD_FINDING)
		return bound_finding(&r->finding);
	BOUND(r->summary.coverage);
	return r->kind == RECORD_SUMMARY;
}

static bool take(unsigned i, struct channel_record *copy)
{
	struct channel_record *record = &channel->records[i];
	if (was_read[i] || atomic_load_explicit(&record->kind, memory_order_acquire) == RECORD_NONE)
		return false;
	memcpy(copy, record, sizeof(*copy));
	was_read[i] = true;
	while (first_unread < CHANNEL_SLOTS && was_read[first_unread])
		first_unread++;
	return bound(copy);
}

bool channel_next(struct channel_record *copy)
{
	unsigned end = atomic_load(&channel->next);
	if (!make_room((uint64_t)end + ROOM_AHEAD))
		atomic_store(&channel->next, CHANNEL_SLOTS);
	if (end > room)
		end = room; /* looking further could be the SIGBUS */
	for (unsigned i = first_unread; i < end; i++)
		if (take(i, copy))
			return true;
	return false;
}

void channel_close(void)
{
	atomic_store(&channel->closed, 1);
}

unsigned channel_loaded(void)
{
	return atomic_load(&channel->loaded);
}

uint64_t channel_lost(void)
{
	unsigned next = atomic_load(&channel->next);
	return next > CHANNEL_SLOTS ? next - CHANNEL_SLOTS : 0;
}

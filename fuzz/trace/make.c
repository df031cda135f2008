/* A trace is made by records: a folder begins, a packet begins, an event of it, a file that is
 * something else, damage. What a record needs and was not begun is begun with what no bytes say. */
#include "trace.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

uint8_t next(struct input *in)
{
	if (!in->size)
		return 0;
	in->size--;
	return *in->bytes++;
}

uint64_t number(struct input *in, int size)
{
	uint64_t value = 0;
	for (int i = 0; i < size; i++)
		value |= (uint64_t)next(in) << 8 * i;
	return value;
}

void content_add(struct content *c, const void *bytes, size_t size)
{
	if (size > sizeof(c->bytes) - c->size)
		size = sizeof(c->bytes) - c->size;
	memcpy(c->bytes + c->size, bytes, size);
	c->size += size;
}

enum { FOLDERS_MOST = 8, FILES_MOST = 64, EDITS_MOST = 16 };

/* Done to a file last, when all of it is there. */
struct edit {
	enum { FLIP, CUT, REPLACE } how;
	uint16_t at;
	uint8_t removed, bits;
	struct input added;
};

static struct {
	const char *trace;
	struct input in;
	char folder[PATH_MAX];
	int folders, files;
	struct content metadata;
	struct packet_maker packet;
	bool in_folder, in_packet;
	int edits_count;
	struct edit edits[EDITS_MOST];
} made;

static void must(bool done, const char *what)
{
	if (done)
		return;
	perror(what);
	exit(2);
}

/* --- files --- */

static const char *in_folder(const char *name)
{
	static char path[PATH_MAX + 64];
	snprintf(path, sizeof(path), "%s/%s", made.folder, name);
	return path;
}

static void write_file(const char *name, const struct content *c)
{
	int fd = open(in_folder(name),
		O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
	if (fd < 0)
		return; /* something else has the name */
	must(write(fd, c->bytes, c->size) == (ssize_t)c->size, name);
	close(fd);
}

static void replace(struct content *c, const struct edit *e, size_t at)
{
	size_t after = at + e->removed < c->size ? c->size - at - e->removed : 0;
	size_t added = e->added.size;
	if (at + added + after > sizeof(c->bytes))
		return;
	memmove(c->bytes + at + added, c->bytes + at + e->removed, after);
	memcpy(c->bytes + at, e->added.bytes, added);
	c->size = at + added + after;
}

static void apply(struct content *c, const struct edit *e)
{
	size_t at = c->size ? e->at % c->size : 0;
	if (e->how == REPLACE)
		replace(c, e, at);
	else if (e->how == CUT)
		c->size = at;
	else if (c->size)
		c->bytes[at] = (char)(c->bytes[at] ^ e->bits);
}

static void damage(struct content *c)
{
	for (int i = 0; i < made.edits_count; i++)
		apply(c, &made.edits[i]);
	made.edits_count = 0;
}

static void end_packet(void)
{
	char name[16];
	if (!made.in_packet)
		return;
	packet_end(&made.packet);
	damage(&made.packet.content);
	snprintf(name, sizeof(name), "%d", made.files++);
	write_file(name, &made.packet.content);
	made.in_packet = false;
}

/* Of the metadata when no packet was begun since. */
static void end_folder(void)
{
	end_packet();
	if (!made.in_folder)
		return;
	damage(&made.metadata);
	write_file("metadata", &made.metadata);
	made.in_folder = false;
}

/* --- records --- */

/* A process that is still there would be waited for: no process has a number like these. */
static void begin_folder(void)
{
	static const char *const names[] = {
		"4194305.0", "4194305.1", "4194306.0", ".", "0.0", "a b", "x"};
	uint8_t name = next(&made.in), identity = next(&made.in), clock = next(&made.in);
	end_folder();
	if (made.folders++ == FOLDERS_MOST)
		made.in.size = 0;
	snprintf(made.folder, sizeof(made.folder), "%s/%s", made.trace,
		names[name % (sizeof(names) / sizeof(names[0]))]);
	mkdir(made.folder, 0700);
	metadata_make(&made.metadata, identity, clock);
	made.packet.identity = identity;
	made.packet.now = 1000000000;
	made.in_folder = true;
}

static void need_folder(void)
{
	struct input rest = made.in;
	if (made.in_folder)
		return;
	made.in.size = 0;
	begin_folder();
	made.in = rest;
}

static void begin_packet(void)
{
	need_folder();
	end_packet();
	if (made.files == FILES_MOST)
		made.in.size = 0;
	packet_begin(&made.packet, &made.in);
	made.in_packet = true;
}

static void add_event(void)
{
	struct input none = {0};
	need_folder();
	if (!made.in_packet)
		packet_begin(&made.packet, &none);
	made.in_packet = true;
	packet_event(&made.packet, &made.in);
}

static struct input take_bytes(size_t size)
{
	struct input taken = {made.in.bytes, size < made.in.size ? size : made.in.size};
	made.in.bytes += taken.size;
	made.in.size -= taken.size;
	return taken;
}

static void add_edit(void)
{
	struct edit e = {.how = next(&made.in) % 3, .at = (uint16_t)number(&made.in, 2)};
	need_folder();
	if (e.how == FLIP)
		e.bits = next(&made.in);
	if (e.how == REPLACE) {
		e.removed = next(&made.in);
		e.added = take_bytes(next(&made.in));
	}
	if (made.edits_count < EDITS_MOST)
		made.edits[made.edits_count++] = e;
}

static const char *take_name(void)
{
	static const char *const names[] = {"metadata", "0", "1", "2", ".3", "00", "-1", "x y",
		"99999999999999999999", "packet"};
	return names[next(&made.in) % (sizeof(names) / sizeof(names[0]))];
}

/* Bytes as they are; of the metadata, in the place of ours. */
static void add_file(void)
{
	static struct content raw;
	need_folder();
	const char *name = take_name();
	struct input bytes = take_bytes(number(&made.in, 2));
	struct content *to = strcmp(name, "metadata") == 0 ? &made.metadata : &raw;
	to->size = 0;
	content_add(to, bytes.bytes, bytes.size);
	if (to == &raw)
		write_file(name, to);
}

/* What no recorder makes. */
static void add_other(void)
{
	need_folder();
	const char *path = in_folder(take_name());
	switch (next(&made.in) % 5) {
	case 0:
		mkdir(path, 0700);
		break;
	case 1:
		mkfifo(path, 0600);
		break;
	case 2:
		if (symlink(path, path) < 0)
			return; /* something else has the name */
		break;
	case 3:
		mknod(path, S_IFREG, 0);
		break;
	default:
		mknod(path, S_IFSOCK | 0600, 0);
	}
}

enum { RECORDS_MOST = 400, WAYS = 16 };

void trace_make(const char *folder, struct input in)
{
	static void (*const records[])(void) = {
		begin_folder, begin_packet, add_edit, add_file, add_other};
	made.trace = folder;
	made.in = in;
	made.folders = made.files = made.edits_count = 0;
	made.in_folder = made.in_packet = false;
	for (int i = 0; i < RECORDS_MOST && made.in.size; i++) {
		uint8_t way = next(&made.in) % WAYS;
		if (way < sizeof(records) / sizeof(records[0]))
			records[way]();
		else
			add_event();
	}
	need_folder();
	end_folder();
}

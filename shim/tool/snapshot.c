/* Copies packets while they are written and overwritten. One that was begun anew while it was read
 * is known by its sequence number. One that was not finished yet when it was read, though its
 * successor was there later, is read again; what cannot be is left out with all that is older, so
 * that a stream's copy ends somewhere in the past but has no hole. */
#include "snapshot.h"

#include "packet_copy.h"
#include "progress.h"
#include "refuse.h"
#include "trace_folder.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static struct {
	unsigned packets, processes, gone;
} done;

struct found {
	char name[16];
	struct packet head; /* as copied */
	bool copied;
};

static int newest_first(const void *a, const void *b)
{
	uint64_t one = ((const struct found *)a)->head.timestamp_begin;
	uint64_t other = ((const struct found *)b)->head.timestamp_begin;
	return one < other ? 1 : one > other ? -1 : 0;
}

static bool copied(int in, int to, struct found *f)
{
	return f->copied = packet_copy(in, f->name, to, f->name, &f->head);
}

static void left_out(int to, struct found *f)
{
	unlinkat(to, f->name, 0);
	f->copied = false;
	done.gone++;
}

/* The packet has a successor, so it is finished by now. */
static bool made_whole(int in, int to, struct found *f)
{
	struct packet now;
	if (!packet_head(in, f->name, &now) || !packet_same(&now, &f->head))
		return false;
	if (now.content_size == f->head.content_size)
		return true;
	struct found again = *f;
	unlinkat(to, f->name, 0);
	if (!copied(in, to, &again))
		return false;
	bool same = packet_same(&now, &again.head);
	*f = again;
	return same;
}

static bool same_stream(const struct found *a, const struct found *b)
{
	return a->copied && b->copied && a->head.stream_id == b->head.stream_id &&
	       a->head.stream_instance_id == b->head.stream_instance_id;
}

static int by_stream(const void *one, const void *other)
{
	const struct found *a = one, *b = other;
	uint64_t keys[][2] = {{!a->copied, !b->copied}, {a->head.stream_id, b->head.stream_id},
		{a->head.stream_instance_id, b->head.stream_instance_id},
		{b->head.packet_seq_num, a->head.packet_seq_num}};
	for (unsigned i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (keys[i][0] != keys[i][1])
			return keys[i][0] < keys[i][1] ? -1 : 1;
	return 0;
}

/* In each stream from the newest back. */
static void leave_no_hole(int in, int to, struct found *found, size_t count)
{
	bool hole = false;
	qsort(found, count, sizeof(*found), by_stream);
	for (size_t i = 1; i < count && found[i].copied; i++) {
		const struct found *next = &found[i - 1];
		hole = hole && next->head.stream_id == found[i].head.stream_id &&
		       next->head.stream_instance_id == found[i].head.stream_instance_id;
		if (!hole && !same_stream(next, &found[i]))
			continue;
		hole = hole || next->head.packet_seq_num != found[i].head.packet_seq_num + 1 ||
		       !made_whole(in, to, &found[i]);
		if (hole)
			left_out(to, &found[i]);
	}
}

static struct found *all_packets(int in, size_t *count)
{
	struct found *found = NULL;
	struct dirent *entry;
	DIR *folder = fdopendir(dup(in));
	if (!folder)
		refuse(FAILED, "cannot be listed: %m");
	for (*count = 0; (entry = readdir(folder));) {
		struct found f = {.name = ""};
		if (strspn(entry->d_name, "0123456789") != strlen(entry->d_name) ||
			strlen(entry->d_name) >= sizeof(f.name))
			continue;
		memcpy(f.name, entry->d_name, strlen(entry->d_name) + 1);
		if (!packet_head(in, f.name, &f.head))
			continue;
		found = reallocarray(found, *count + 1, sizeof(f));
		if (!found)
			refuse(FAILED, "out of memory");
		found[(*count)++] = f;
	}
	closedir(folder);
	return found;
}

static void copy_metadata(int in, int to)
{
	char text[64 * 1024];
	int fd = openat(in, "metadata", O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	ssize_t size = fd < 0 ? -1 : read(fd, text, sizeof(text));
	if (size < 0)
		refuse(FAILED, "metadata: cannot be read: %m");
	close(fd);
	file_made(to, "metadata", text, (size_t)size);
}

static void copy_process(int in, int to)
{
	size_t count;
	struct found *found = all_packets(in, &count);
	copy_metadata(in, to);
	if (count)
		qsort(found, count, sizeof(*found), newest_first);
	for (size_t i = 0; i < count; i++) {
		if (!copied(in, to, &found[i]))
			done.gone++;
		progress(done.packets + i + 1, "packets copied");
	}
	if (count)
		leave_no_hole(in, to, found, count);
	for (size_t i = 0; i < count; i++)
		done.packets += found[i].copied;
	done.processes++;
	free(found);
}

int snapshot(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "--help") == 0) {
		puts("usage: pollcheck snapshot DIR -o COPY\n\n"
		     "Copies the trace in DIR, as it is at this moment, to the new folder COPY.\n\n"
		     "  --help\n        print this list");
		return 0;
	}
	if (argc != 4 || strcmp(argv[2], "-o") != 0)
		refuse(USAGE, "usage: pollcheck snapshot DIR -o COPY");
	const char *wrong = trace_folder_made(argv[3]);
	if (wrong)
		refuse(USAGE, "%s: %s", argv[3], wrong);
	DIR *folder = opendir(argv[1]);
	if (!folder)
		refuse(USAGE, "%s: cannot be read: %m; name the folder given to pollcheck record",
			argv[1]);
	struct dirent *entry;
	progress_begin(false);
	while ((entry = readdir(folder))) {
		char from[PATH_MAX], copy[PATH_MAX];
		snprintf(from, sizeof(from), "%s/%s", argv[1], entry->d_name);
		snprintf(copy, sizeof(copy), "%s/%s", argv[3], entry->d_name);
		int in = trace_folder_opened(from);
		if (in < 0)
			continue;
		mkdir(copy, 0700);
		int to = open(copy, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (to < 0)
			refuse(FAILED, "%s: cannot be made: %m", copy);
		copy_process(in, to);
		close(in);
		close(to);
	}
	closedir(folder);
	progress_end();
	if (!done.processes)
		refuse(FAILED, "%s: no trace of any process is in there", argv[1]);
	say("%u packets of %u processes in %s%s", done.packets, done.processes, argv[3],
		done.gone ? "; some of the oldest were overwritten meanwhile" : "");
	return 0;
}

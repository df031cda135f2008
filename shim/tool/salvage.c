/* The packets are tried by halves: few of many are bad. */
#if HAVE_BABELTRACE

#include "salvage.h"

#include "graph.h"
#include "packet_copy.h"
#include "refuse.h"
#include "scratch.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct {
	struct gathered *to;
	const char *from, *called;
	char whole[PATH_MAX]; /* the folder of what is */
	struct dirent **files;
	void (*damaged)(const char *, const char *);
} salvaging;

static bool opens(int from, int to, char *reason, size_t size)
{
	char folder[PATH_MAX];
	scratch_make(folder, sizeof(folder));
	scratch_link(folder, salvaging.from, "metadata");
	for (int i = from; i < to; i++)
		scratch_link(folder, salvaging.from, salvaging.files[i]->d_name);
	bool whole = graph_opens(folder, reason, size);
	scratch_remove(folder);
	return whole;
}

static void tell_damaged(const char *name, const char *reason)
{
	char *path = path_joined(salvaging.called, name);
	salvaging.damaged(path, reason);
	free(path);
}

/* Of a cut packet what is there is read, up to the event that is cut. It gets a folder of its own,
 * for the error that is met there ends the stream. */
static void mend(const char *name, const char *reason)
{
	char other[256], folder[PATH_MAX];
	struct packet head;
	scratch_make(folder, sizeof(folder));
	scratch_link(folder, salvaging.from, "metadata");
	char *from = path_joined(salvaging.from, name), *to = path_joined(folder, name);
	tell_damaged(name, reason);
	if (packet_copy(AT_FDCWD, from, AT_FDCWD, to, &head) &&
		graph_opens(folder, other, sizeof(other)))
		gather_add(salvaging.to, strdup(folder), NULL, true);
	else
		scratch_remove(folder);
	free(from);
	free(to);
}

static void keep_whole(int from, int to)
{
	char reason[256];
	if (from == to)
		return;
	if (opens(from, to, reason, sizeof(reason))) {
		for (int i = from; i < to; i++)
			scratch_link(salvaging.whole, salvaging.from, salvaging.files[i]->d_name);
	} else if (to - from == 1) {
		mend(salvaging.files[from]->d_name, reason);
	} else {
		int middle = from + (to - from) / 2;
		keep_whole(from, middle);
		keep_whole(middle, to);
	}
}

static int is_packets(const struct dirent *entry)
{
	return entry->d_name[0] != '.' && strcmp(entry->d_name, "metadata") != 0;
}

static void keep_folder(int count)
{
	scratch_make(salvaging.whole, sizeof(salvaging.whole));
	scratch_link(salvaging.whole, salvaging.from, "metadata");
	gather_add(salvaging.to, strdup(salvaging.whole), salvaging.called, true);
	keep_whole(0, count);
}

void salvage(struct gathered *to, const struct gathered_folder *folder,
	void (*damaged)(const char *, const char *))
{
	char reason[256];
	salvaging.to = to;
	salvaging.from = folder->path;
	salvaging.called = folder->from;
	salvaging.damaged = damaged;
	int count = scandir(folder->path, &salvaging.files, is_packets, versionsort);
	if (count < 0)
		return;
	if (opens(0, 0, reason, sizeof(reason)))
		keep_folder(count);
	else
		tell_damaged("metadata", reason);
	for (int i = 0; i < count; i++)
		free(salvaging.files[i]);
	free(salvaging.files);
}

#endif

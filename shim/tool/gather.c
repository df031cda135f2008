/* A CTF reader refuses a whole folder for one bad packet header. Then the packets are tried by
 * halves, and those that are whole are linked into a folder of ours. */
#if HAVE_BABELTRACE

#include "gather.h"

#include "graph.h"
#include "refuse.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *joined(const char *folder, const char *name)
{
	char *path;
	if (asprintf(&path, "%s/%s", folder, name) < 0)
		refuse(FAILED, "out of memory");
	return path;
}

static bool has_metadata(const char *folder)
{
	char *path = joined(folder, "metadata");
	bool has = access(path, F_OK) == 0;
	free(path);
	return has;
}

static void add(struct gathered *g, char *folder)
{
	if (g->count == FOLDERS_MAX)
		refuse(FAILED, "%s: more than %d processes; name the folder of one of them", folder,
			FOLDERS_MAX);
	g->folders[g->count++] = folder;
}

/* A trace of one process has the file metadata; else each process has a folder in it. */
static int visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static void find(struct gathered *g, const char *path)
{
	struct dirent **entries;
	struct stat status;
	if (stat(path, &status) < 0)
		refuse(USAGE,
			"%s: cannot be read: %m; name the folder that trace= or pollcheck record "
			"made",
			path);
	if (!S_ISDIR(status.st_mode))
		refuse(USAGE, "%s: not a folder; name the one that trace= or pollcheck record made",
			path);
	if (has_metadata(path)) {
		add(g, joined(path, "."));
		return;
	}
	int count = scandir(path, &entries, visible, versionsort);
	if (count < 0)
		refuse(USAGE, "%s: cannot be read: %m; check its permissions", path);
	for (int i = 0; i < count; i++) {
		char *folder = joined(path, entries[i]->d_name);
		if (has_metadata(folder))
			add(g, folder);
		else
			free(folder);
		free(entries[i]);
	}
	free(entries);
	if (!g->count)
		refuse(USAGE,
			"%s: no trace is in there; name the folder that trace= or pollcheck record "
			"made",
			path);
}

/* --- what is whole of a damaged folder --- */

static struct salvage {
	const char *from;
	char to[PATH_MAX];
	struct dirent **files;
	void (*damaged)(const char *, const char *);
} salvage;

static const char *temporary(void)
{
	const char *chosen = getenv("TMPDIR");
	return chosen && *chosen == '/' ? chosen : "/tmp";
}

static void make_folder(char *path, size_t size)
{
	snprintf(path, size, "%s/pollcheck-XXXXXX", temporary());
	if (!mkdtemp(path))
		refuse(FAILED,
			"%s: cannot make a folder there: %m; set TMPDIR to one that can be written",
			temporary());
}

static void link_file(const char *folder, const char *name)
{
	char whole[PATH_MAX], *from = joined(salvage.from, name), *to = joined(folder, name);
	if (realpath(from, whole) && symlink(whole, to) < 0)
		refuse(FAILED, "%s: cannot be made: %m; set TMPDIR to another folder", to);
	free(from);
	free(to);
}

static void remove_folder(const char *folder)
{
	struct dirent **entries;
	int count = scandir(folder, &entries, visible, NULL);
	for (int i = 0; i < count; i++) {
		char *path = joined(folder, entries[i]->d_name);
		unlink(path);
		free(path);
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
	rmdir(folder);
}

static bool opens(int from, int to, char *reason, size_t size)
{
	char folder[PATH_MAX];
	make_folder(folder, sizeof(folder));
	link_file(folder, "metadata");
	for (int i = from; i < to; i++)
		link_file(folder, salvage.files[i]->d_name);
	bool whole = graph_opens(folder, reason, size);
	remove_folder(folder);
	return whole;
}

static void keep_whole(int from, int to)
{
	char reason[256];
	if (from == to)
		return;
	if (opens(from, to, reason, sizeof(reason))) {
		for (int i = from; i < to; i++)
			link_file(salvage.to, salvage.files[i]->d_name);
	} else if (to - from == 1) {
		char *path = joined(salvage.from, salvage.files[from]->d_name);
		salvage.damaged(path, reason);
		free(path);
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

/* The new folder; NULL when not even the metadata can be read. */
static char *salvaged(const char *folder, void (*damaged)(const char *, const char *))
{
	char reason[256];
	salvage.from = folder;
	salvage.damaged = damaged;
	int count = scandir(folder, &salvage.files, is_packets, versionsort);
	if (count < 0)
		return NULL;
	bool readable = opens(0, 0, reason, sizeof(reason));
	if (readable) {
		make_folder(salvage.to, sizeof(salvage.to));
		link_file(salvage.to, "metadata");
		keep_whole(0, count);
	} else {
		char *path = joined(folder, "metadata");
		damaged(path, reason);
		free(path);
	}
	for (int i = 0; i < count; i++)
		free(salvage.files[i]);
	free(salvage.files);
	return readable ? strdup(salvage.to) : NULL;
}

void gather(struct gathered *g, const char *path, void (*damaged)(const char *, const char *))
{
	char reason[256];
	size_t kept = 0;
	g->count = 0;
	find(g, path);
	for (size_t i = 0; i < g->count; i++) {
		char *folder = g->folders[i];
		g->made[kept] = !graph_opens(folder, reason, sizeof(reason));
		g->folders[kept] = g->made[kept] ? salvaged(folder, damaged) : folder;
		if (g->made[kept])
			free(folder);
		kept += g->folders[kept] != NULL;
	}
	g->count = kept;
}

void gather_end(struct gathered *g)
{
	for (size_t i = 0; i < g->count; i++) {
		if (g->made[i])
			remove_folder(g->folders[i]);
		free(g->folders[i]);
	}
}

#endif

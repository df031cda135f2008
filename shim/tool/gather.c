/* A CTF reader refuses a whole folder for one bad packet header: see salvage.c. */
#if HAVE_BABELTRACE

#include "gather.h"

#include "graph.h"
#include "refuse.h"
#include "salvage.h"
#include "scratch.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool has_metadata(const char *folder)
{
	char *path = path_joined(folder, "metadata");
	bool has = access(path, F_OK) == 0;
	free(path);
	return has;
}

void gather_add(struct gathered *g, char *folder, const char *from, bool made)
{
	if (g->count == FOLDERS_MAX)
		refuse(FAILED, "%s: more than %d processes; name the folder of one of them", from,
			FOLDERS_MAX);
	g->of[g->count++] = (struct gathered_folder){folder, from ? strdup(from) : NULL, made};
}

/* A trace of one process has the file metadata; else each process has a folder in it. */
static int visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

void gather_find(struct gathered *g, const char *path)
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
		gather_add(g, strdup(path), path, false);
		return;
	}
	int count = scandir(path, &entries, visible, versionsort);
	if (count < 0)
		refuse(USAGE, "%s: cannot be read: %m; check its permissions", path);
	for (int i = 0; i < count; i++) {
		char *folder = path_joined(path, entries[i]->d_name);
		if (has_metadata(folder))
			gather_add(g, strdup(folder), folder, false);
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

void gather_whole(struct gathered *g, const struct gathered *found,
	void (*damaged)(const char *, const char *))
{
	char reason[256];
	g->count = 0;
	for (size_t i = 0; i < found->count; i++)
		if (graph_opens(found->of[i].path, reason, sizeof(reason)))
			gather_add(g, strdup(found->of[i].path), found->of[i].from, false);
		else
			salvage(g, &found->of[i], damaged);
}

void gather(struct gathered *g, const char *path, void (*damaged)(const char *, const char *))
{
	static struct gathered found;
	gather_find(&found, path);
	gather_whole(g, &found, damaged);
	gather_end(&found);
}

void gather_end(struct gathered *g)
{
	for (size_t i = 0; i < g->count; i++) {
		if (g->of[i].made)
			scratch_remove(g->of[i].path);
		free(g->of[i].path);
		free(g->of[i].from);
	}
	g->count = 0;
}

#endif

/* Packets are compared with what they were: a process has a few hundred. */
#if HAVE_BABELTRACE

#include "live.h"

#include "packet_copy.h"
#include "refuse.h"
#include "scratch.h"
#include "table.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

struct live_folder {
	char *path;
	struct table files; /* struct packet, by the number that is its name */
};

static struct live_folder *live[FOLDERS_MAX];
static size_t live_count;

static struct live_folder *folder_at(const char *path)
{
	for (size_t i = 0; i < live_count; i++)
		if (strcmp(live[i]->path, path) == 0)
			return live[i];
	struct live_folder *f = new_memory(sizeof(*f));
	f->path = strdup(path);
	return live[live_count++] = f;
}

/* When it is not what it was, it is copied. */
static bool copy_grown(struct live_folder *f, const char *name, const char *scratch)
{
	struct packet head;
	char *from = path_joined(f->path, name), *to = path_joined(scratch, name);
	void **last = table_at(&f->files, f, atol(name));
	struct packet *known = *last ? *last : (*last = new_memory(sizeof(*known)));
	bool grown = packet_head(AT_FDCWD, from, &head) &&
		     (head.packet_seq_num != known->packet_seq_num ||
			     head.stream_instance_id != known->stream_instance_id ||
			     head.content_size != known->content_size);
	grown = grown && packet_copy(AT_FDCWD, from, AT_FDCWD, to, &head);
	if (grown)
		*known = head;
	free(from);
	free(to);
	return grown;
}

static bool gather_grown(struct live_folder *f, char *scratch, size_t size)
{
	struct dirent *entry;
	DIR *folder = opendir(f->path);
	bool any = false;
	scratch_make(scratch, size);
	while (folder && (entry = readdir(folder)))
		if (*entry->d_name >= '0' && *entry->d_name <= '9')
			any |= copy_grown(f, entry->d_name, scratch);
	if (folder)
		closedir(folder);
	if (any)
		scratch_link(scratch, f->path, "metadata");
	else
		scratch_remove(scratch);
	return any;
}

bool live_gather(struct gathered *g, const char *path)
{
	static struct gathered found;
	char scratch[PATH_MAX];
	g->count = 0;
	gather_find(&found, path);
	for (size_t i = 0; i < found.count; i++) {
		if (gather_grown(folder_at(found.of[i].path), scratch, sizeof(scratch))) {
			gather_add(g, strdup(scratch), found.of[i].path, true);
		}
	}
	gather_end(&found);
	return g->count > 0;
}

/* A folder is called PID.N. A process of another host, or one that ended, is not there. */
static bool is_there(const char *folder)
{
	const char *base = strrchr(folder, '/');
	long pid = atol(base ? base + 1 : folder);
	return pid > 0 && (kill((pid_t)pid, 0) == 0 || errno == EPERM);
}

bool live_goes_on(const char *path)
{
	static struct gathered found;
	bool any = false;
	gather_find(&found, path);
	for (size_t i = 0; i < found.count; i++) {
		any |= is_there(found.of[i].path);
	}
	gather_end(&found);
	return any;
}

#endif

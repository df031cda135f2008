/* Links and copies; nothing is left behind but by a command that is killed. */
#include "scratch.h"

#include "refuse.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

char *path_joined(const char *folder, const char *name)
{
	char *path;
	if (asprintf(&path, "%s/%s", folder, name) < 0)
		refuse(FAILED, "out of memory");
	return path;
}

static int is_file(const struct dirent *entry)
{
	return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

static const char *temporary(void)
{
	const char *chosen = getenv("TMPDIR");
	return chosen && *chosen == '/' ? chosen : "/tmp";
}

void scratch_make(char *path, size_t size)
{
	snprintf(path, size, "%s/pollcheck-XXXXXX", temporary());
	if (!mkdtemp(path))
		refuse(FAILED,
			"%s: cannot make a folder there: %m; set TMPDIR to one that can be written",
			temporary());
}

void scratch_link(const char *scratch, const char *folder, const char *name)
{
	char whole[PATH_MAX], *from = path_joined(folder, name), *to = path_joined(scratch, name);
	if (realpath(from, whole) && symlink(whole, to) < 0)
		refuse(FAILED, "%s: cannot be made: %m; set TMPDIR to another folder", to);
	free(from);
	free(to);
}

void scratch_remove(const char *scratch)
{
	struct dirent **entries;
	int count = scandir(scratch, &entries, is_file, NULL);
	for (int i = 0; i < count; i++) {
		char *path = path_joined(scratch, entries[i]->d_name);
		unlink(path);
		free(path);
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
	rmdir(scratch);
}

/* What trace.def says of folders. */
#include "trace_folder.h"

#include "trace_layout.h"

#include <errno.h>
#include <grp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static bool is_empty(const char *path)
{
	DIR *folder = opendir(path);
	struct dirent *entry = NULL;
	while (folder && (entry = readdir(folder)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			break;
	bool empty = folder && !entry;
	if (folder)
		closedir(folder);
	return empty;
}

const char *trace_folder_made(const char *path)
{
	static char line[128];
	if (mkdir(path, 0700) == 0 || (errno == EEXIST && is_empty(path)))
		return NULL;
	if (errno == EEXIST || errno == 0)
		return "is there and not empty; name a new folder";
	snprintf(line, sizeof(line), "cannot be made: %m; name another folder");
	return line;
}

long trace_group(const char *name)
{
	char *end;
	const struct group *found = getgrnam(name);
	unsigned long number = strtoul(name, &end, 10);
	if (found)
		return found->gr_gid;
	bool good = *name >= '0' && *name <= '9' && !*end && number < (gid_t)NO_GROUP;
	return good ? (long)number : NO_GROUP;
}

const char *trace_folder_shared(const char *path, long group)
{
	static char line[128];
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	bool shared = fd >= 0 && fchown(fd, (uid_t)-1, (gid_t)group) == 0 &&
		      fchmod(fd, TRACE_OF_GROUP) == 0;
	if (!shared)
		snprintf(line, sizeof(line),
			"the folder cannot be given to it: %m; root and its members can do that");
	if (fd >= 0)
		close(fd);
	return shared ? NULL : line;
}

int trace_folder_opened(const char *path)
{
	const char *base = strrchr(path, '/');
	base = base ? base + 1 : path;
	size_t pid = strspn(base, "0123456789"), n = 0;
	if (pid && base[pid] == '.')
		n = strspn(base + pid + 1, "0123456789");
	if (!n || base[pid + 1 + n])
		return -1;
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0 && faccessat(fd, "metadata", R_OK, 0) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

unsigned trace_folder_processes(const char *path)
{
	unsigned count = 0;
	struct dirent *entry;
	DIR *folder = opendir(path);
	while (folder && (entry = readdir(folder))) {
		char process[PATH_MAX];
		snprintf(process, sizeof(process), "%s/%s", path, entry->d_name);
		int fd = trace_folder_opened(process);
		if (fd < 0)
			continue;
		close(fd);
		count++;
	}
	if (folder)
		closedir(folder);
	return count;
}

/* What trace.def says of folders. */
#include "trace_folder.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
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

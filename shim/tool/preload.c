/* Finds libpollcheck.so and sets LD_PRELOAD. */
#include "preload.h"

#include "refuse.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char library_name[] = "libpollcheck.so";
static const char installed[] = POLLCHECK_LIBRARY;

static const char *beside_command(void)
{
	static char path[PATH_MAX + sizeof(library_name)];
	ssize_t length = readlink("/proc/self/exe", path, PATH_MAX - 1);
	char *slash = length > 0 ? memrchr(path, '/', (size_t)length) : NULL;
	if (!slash)
		return NULL;
	memcpy(slash + 1, library_name, sizeof(library_name));
	return access(path, R_OK) == 0 ? path : NULL;
}

const char *preload_library(const char *chosen)
{
	const char *path = chosen ? chosen : beside_command();
	if (!path && access(installed, R_OK) == 0)
		path = installed;
	if (!path)
		refuse(FAILED,
			"%s is not beside the command, and there is no %s; give --library=PATH",
			library_name, installed);
	if (strpbrk(path, " \t:"))
		refuse(FAILED,
			"%s: ld.so cannot preload from a path with a space or colon; copy "
			"the library and give --library=PATH",
			path);
	return path;
}

void preload_export(const struct program *p, const char *library)
{
	const char *before = getenv("LD_PRELOAD");
	char *list;
	if (library == installed)
		library = POLLCHECK_PRELOAD;
	int length = asprintf(&list, "%s%s%s%s%s", p->sanitizer, *p->sanitizer ? ":" : "", library,
		before && *before ? ":" : "", before ? before : "");
	if (length < 0)
		refuse(FAILED, "out of memory");
	setenv("LD_PRELOAD", list, 1);
	free(list);
}

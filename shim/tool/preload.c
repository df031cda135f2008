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

/* ld.so takes list, put before what the user has in the variable. */
static void put_first(const char *variable, const char *list)
{
	const char *before = getenv(variable);
	char *whole;
	int length = asprintf(
		&whole, "%s%s%s", list, before && *before ? ":" : "", before ? before : "");
	if (length < 0)
		refuse(FAILED, "out of memory");
	setenv(variable, whole, 1);
	free(whole);
}

static const char *named(const char *library)
{
	return library == installed ? POLLCHECK_PRELOAD : library;
}

void preload_export(const struct program *p, const char *library)
{
	put_first("LD_PRELOAD", named(library));
	if (*p->sanitizer)
		put_first("LD_PRELOAD", p->sanitizer);
}

/* libpollcheck.so.0 becomes libpollcheck-audit.so.0. */
static const char *auditor_of(const char *library)
{
	const char *slash = strrchr(library, '/'), *suffix = strstr(slash ? slash : library, ".so");
	char *path;
	if (!suffix)
		suffix = library + strlen(library);
	if (asprintf(&path, "%.*s-audit%s", (int)(suffix - library), library, suffix) < 0)
		refuse(FAILED, "out of memory");
	return path;
}

void preload_audit(const char *library)
{
	const char *auditor = auditor_of(library);
	if (access(auditor, R_OK) != 0)
		refuse(FAILED, "%s cannot be read: %m; --audit needs it beside the library",
			auditor);
	put_first("LD_AUDIT", auditor_of(named(library)));
}

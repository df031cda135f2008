/* Takes our variables out of the environment, or puts them back into one that was cleaned. */
#include "follow.h"

#include "config.h"
#include "fetch.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

enum { VARIABLES = 3, VARIABLE_MAX = 4096, ENTRIES_MAX = 100000 };

static const char *const names[VARIABLES] = {"LD_PRELOAD=", "LD_AUDIT=", "POLLCHECK_OPTIONS="};
/* As they were at the start: a program that sets its title overwrites the originals. */
static char kept[VARIABLES][VARIABLE_MAX];

/* The entry of a list whose path ends with the file's name goes, in place: what a path begins with
 * may be ld.so's to find, as in "/usr/$LIB" (ld.so(8)). */
static void leave(const char *variable, const char *file)
{
	char *list = getenv(variable), *begin = list ? strstr(list, file) : NULL;
	if (!begin)
		return;
	char *end = begin + strcspn(begin, ": ");
	end += *end != '\0';
	while (begin > list && begin[-1] != ':' && begin[-1] != ' ')
		begin--;
	memmove(begin, end, strlen(end) + 1);
	if (*list == '\0')
		unsetenv(variable);
}

/* Programs executed later are not to be watched. */
static void leave_environment(void)
{
	Dl_info info;
	if (!dladdr((void *)leave_environment, &info))
		return;
	const char *slash = strrchr(info.dli_fname, '/');
	leave("LD_PRELOAD", slash ? slash + 1 : info.dli_fname);
	leave("LD_AUDIT", "libpollcheck-audit.so");
	unsetenv("POLLCHECK_OPTIONS");
}

static void keep(int variable)
{
	size_t length = strlen(names[variable]);
	char name[32];
	memcpy(name, names[variable], length - 1);
	name[length - 1] = '\0';
	const char *value = getenv(name);
	if (!value || length + strlen(value) >= VARIABLE_MAX)
		return;
	memcpy(kept[variable], names[variable], length);
	memcpy(kept[variable] + length, value, strlen(value) + 1);
}

void follow_start(void)
{
	if (config.follow == FOLLOW_NEVER)
		leave_environment();
	for (int i = 0; config.follow == FOLLOW_ALWAYS && i < VARIABLES; i++)
		keep(i);
}

/* The end of a string may be the end of its page. */
static bool begins_with(const char *string, const char *name)
{
	char c;
	for (; *name; string++, name++)
		if (!fetch(&c, string, 1) || c != *name)
			return false;
	return true;
}

static bool lacks(char *const envp[], size_t count, int variable)
{
	for (size_t i = 0; kept[variable][0] && i < count; i++)
		if (begins_with(envp[i], names[variable]))
			return false;
	return kept[variable][0];
}

/* ENTRIES_MAX when it cannot be read: the kernel is to say so. A null envp is an empty one. */
static size_t counted(char *const envp[])
{
	const char *entry = envp ? "" : NULL;
	size_t count = 0;
	while (envp && count < ENTRIES_MAX && fetch(&entry, envp + count, sizeof(entry)) && entry)
		count++;
	return entry ? ENTRIES_MAX : count;
}

size_t follow_room(char *const envp[])
{
	KEEP_ERRNO;
	size_t count = config.follow == FOLLOW_ALWAYS ? counted(envp) : ENTRIES_MAX, missing = 0;
	for (int i = 0; count < ENTRIES_MAX && i < VARIABLES; i++)
		missing += lacks(envp, count, i);
	return missing ? count + missing + 1 : 0;
}

char *const *follow_into(char **room, char *const envp[])
{
	KEEP_ERRNO;
	size_t count = counted(envp), used = count;
	for (size_t i = 0; i < count; i++)
		room[i] = envp[i];
	for (int i = 0; i < VARIABLES; i++)
		if (lacks(envp, count, i))
			room[used++] = kept[i];
	room[used] = NULL;
	return room;
}

/* Finds the real calls. */
#include "real.h"

#include <dlfcn.h>
#include <errno.h>
#include <string.h>

struct real_calls real;

#ifdef __GLIBC__

/* Names with several versions: before glibc 2.36 dlsym(RTLD_NEXT) gave the oldest (its bug 14932),
 * and the oldest posix_spawn runs a file without #! through the shell. */
static const struct {
	const char *name, *version;
} versions[] = {
#if defined __x86_64__
	{"posix_spawn", "GLIBC_2.15"},
	{"posix_spawnp", "GLIBC_2.15"},
#elif defined __i386__
	{"poll", "GLIBC_2.0"},
	{"fcntl", "GLIBC_2.28"},
	{"posix_spawn", "GLIBC_2.15"},
	{"posix_spawnp", "GLIBC_2.15"},
	{"fclose", "GLIBC_2.1"},
	{"fopen", "GLIBC_2.1"},
	{"popen", "GLIBC_2.1"},
	{"fdopen", "GLIBC_2.1"},
	{"pclose", "GLIBC_2.1"},
	{"open64", "GLIBC_2.2"},
	{"setrlimit64", "GLIBC_2.2"},
#endif
	{NULL, NULL},
};

static void *meant(const char *name)
{
	for (size_t i = 0; versions[i].name; i++)
		if (strcmp(versions[i].name, name) == 0)
			return dlvsym(RTLD_NEXT, name, versions[i].version);
	return NULL;
}
#else

/* musl has no versions; a ...64 name is the plain call, and not all of them are there to be found.
 */
static void *meant(const char *name)
{
	char plain[32];
	size_t length = strlen(name);
	if (length < 3 || length > sizeof(plain) || strcmp(name + length - 2, "64") != 0)
		return NULL;
	memcpy(plain, name, length - 2);
	plain[length - 2] = '\0';
	return dlsym(RTLD_NEXT, plain);
}

#endif

/* A program that probes for a name newer than its C library finds ours, and must learn the truth.
 */
static long absent(void)
{
	errno = ENOSYS;
	return -1;
}

static void *find(const char *name)
{
	void *found = meant(name);
	if (!found)
		found = dlsym(RTLD_NEXT, name);
	if (!found)
		dlerror(); /* the failure would be taken for one of the program's own */
	return found ? found : (void *)absent;
}

static void *const *slot_of(enum call_id id)
{
	_Static_assert(sizeof(real) == CALLS * sizeof(void *), "one pointer a row");
	return (void *const *)(void *)&real + id;
}

void *real_find(enum call_id id)
{
	return find(calls[id].name);
}

void real_find_all(void)
{
	for (enum call_id id = 0; id < CALLS; id++)
		*(void **)slot_of(id) = find(calls[id].name);
}

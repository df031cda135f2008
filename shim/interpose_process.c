/* Witnesses of processes: fork, exec, sandboxes and the end. vfork and syscall are in assembly. */
#include "entry.h"
#include "follow.h"
#include "inherited.h"
#include "interpose.h"
#include "leaks.h"
#include "process.h"

#include <alloca.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdarg.h>

static pid_t forked(pid_t child)
{
	if (watched() && child >= 0) {
		KEEP_ERRNO;
		process_forked(child == 0);
		if (child)
			leaks_child(child);
		if (unlikely(GET(trace_on)) && child)
			trace_forked(child);
	}
	return child;
}

INTERPOSE pid_t fork(void)
{
	return forked(REAL(fork)());
}

INTERPOSE pid_t __fork(void)
{
	return forked(REAL(__fork)());
}

INTERPOSE pid_t _Fork(void)
{
	return forked(REAL(_Fork)());
}

void vfork_child_runs(bool child)
{
	self.passing = child;
	if (!child && GET(watching))
		atomic_fetch_add(&fd_forks, 1);
}

/* Not certain: file actions may close and change yet what would be inherited. */
static inline void executing(enum call_id id, bool certain, const void *site)
{
	if (watched() && certain) {
		KEEP_ERRNO;
		judge_exec(site, id);
		inherited_left(true);
	}
}

static int spawned(const pid_t *child, int error)
{
	if (watched() && !error && child) {
		KEEP_ERRNO;
		leaks_child(*child);
	}
	return error;
}

INTERPOSE int posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
	const posix_spawnattr_t *attributes, char *const argv[], char *const envp[])
{
	executing(CALL_posix_spawn, !actions, CALL_SITE);
	return spawned(pid,
		REAL(posix_spawn)(pid, path, actions, attributes, argv, (char **)FOLLOWED(envp)));
}

INTERPOSE int posix_spawnp(pid_t *pid, const char *file, const posix_spawn_file_actions_t *actions,
	const posix_spawnattr_t *attributes, char *const argv[], char *const envp[])
{
	executing(CALL_posix_spawnp, !actions, CALL_SITE);
	return spawned(pid,
		REAL(posix_spawnp)(pid, file, actions, attributes, argv, (char **)FOLLOWED(envp)));
}

INTERPOSE int execve(const char *path, char *const argv[], char *const envp[])
{
	executing(CALL_execve, true, CALL_SITE);
	return REAL(execve)(path, argv, FOLLOWED(envp));
}

INTERPOSE int execv(const char *path, char *const argv[])
{
	executing(CALL_execv, true, CALL_SITE);
	return FOLLOWS ? REAL(execve)(path, argv, FOLLOWED(environ)) : REAL(execv)(path, argv);
}

INTERPOSE int execvp(const char *file, char *const argv[])
{
	executing(CALL_execvp, true, CALL_SITE);
	return FOLLOWS ? REAL(execvpe)(file, argv, FOLLOWED(environ)) : REAL(execvp)(file, argv);
}

INTERPOSE int execvpe(const char *file, char *const argv[], char *const envp[])
{
	executing(CALL_execvpe, true, CALL_SITE);
	return REAL(execvpe)(file, argv, FOLLOWED(envp));
}

INTERPOSE int execveat(
	int directory, const char *path, char *const argv[], char *const envp[], int flags)
{
	executing(CALL_execveat, true, CALL_SITE);
	return REAL(execveat)(directory, path, argv, FOLLOWED(envp), flags);
}

INTERPOSE int fexecve(int fd, char *const argv[], char *const envp[])
{
	executing(CALL_fexecve, true, CALL_SITE);
	return REAL(fexecve)(fd, argv, FOLLOWED(envp));
}

/* A variadic list cannot be passed on: the arguments are gathered and given to the vector form. */
static size_t counted(va_list list)
{
	size_t count = 1;
	while (va_arg(list, char *))
		count++;
	return count;
}

/* A pointer, as only some architectures pass a va_list so that the caller may read on. */
static char *const *gathered(char **argv, const char *first, va_list *list)
{
	size_t i = 0;
	argv[i++] = (char *)first;
	while (argv[i - 1])
		argv[i++] = va_arg(*list, char *);
	return argv;
}

#define GATHER(argv, first)                                                                        \
	va_list counting, list;                                                                    \
	va_start(counting, first);                                                                 \
	char **argv = alloca((counted(counting) + 1) * sizeof(char *));                            \
	va_end(counting);                                                                          \
	va_start(list, first);                                                                     \
	gathered(argv, first, &list);

INTERPOSE int execl(const char *path, const char *first, ...)
{
	executing(CALL_execl, true, CALL_SITE);
	GATHER(argv, first)
	va_end(list);
	return FOLLOWS ? REAL(execve)(path, argv, FOLLOWED(environ)) : REAL(execv)(path, argv);
}

INTERPOSE int execlp(const char *file, const char *first, ...)
{
	executing(CALL_execlp, true, CALL_SITE);
	GATHER(argv, first)
	va_end(list);
	return FOLLOWS ? REAL(execvpe)(file, argv, FOLLOWED(environ)) : REAL(execvp)(file, argv);
}

INTERPOSE int execle(const char *path, const char *first, ...)
{
	executing(CALL_execle, true, CALL_SITE);
	GATHER(argv, first)
	char *const *envp = va_arg(list, char *const *);
	va_end(list);
	return REAL(execve)(path, argv, FOLLOWED(envp));
}

/* --- the end --- */

/* A child made by clone(2) with CLONE_VM and a thread area of its own, as sandboxes make them, ends
 * here too: its thread pointer is nobody's, and it is not the process whose end is to be told. */
static bool is_this_process(void)
{
	return process_thread_pointer() && watched() && process_is_itself();
}

INTERPOSE void _exit(int status)
{
	if (is_this_process())
		process_end();
	REAL(_exit)(status);
	__builtin_unreachable();
}

INTERPOSE void _Exit(int status)
{
	if (is_this_process())
		process_end();
	REAL(_Exit)(status);
	__builtin_unreachable();
}

/* --- limits and sandboxes --- */

INTERPOSE int setrlimit(__rlimit_resource_t resource, const struct rlimit *limit)
{
	return REAL(setrlimit)(resource, limit);
}

INTERPOSE int setrlimit64(__rlimit_resource_t resource, const struct rlimit64 *limit)
{
	return REAL(setrlimit64)(resource, limit);
}

/* The sandbox is noted before the call: afterwards not even a harmless system call of ours may be
 * allowed. */
#define PRCTL(name)                                                                                \
	INTERPOSE int name(int option, ...)                                                        \
	{                                                                                          \
		va_list list;                                                                      \
		va_start(list, option);                                                            \
		unsigned long a = va_arg(list, unsigned long), b = va_arg(list, unsigned long);    \
		unsigned long c = va_arg(list, unsigned long), d = va_arg(list, unsigned long);    \
		va_end(list);                                                                      \
		bool was = GET(process_sandboxed), filter = option == PR_SET_SECCOMP;              \
		if (filter)                                                                        \
			process_sandbox_begins(a == SECCOMP_MODE_STRICT);                          \
		int result = REAL(name)(option, a, b, c, d);                                       \
		if (filter && result < 0)                                                          \
			process_sandbox_refused(was);                                              \
		return result;                                                                     \
	}
PRCTL(prctl)
#ifdef TIME64
PRCTL(__prctl_time64)
#endif

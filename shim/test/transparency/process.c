/* fork, vfork, exec, spawn, exit, limits and prctl: what the children do and how they end. */
#include "show.h"

#include <sys/prctl.h>
#include <sys/stat.h>

extern char **environ;

static int shared[2];
static const char script[] = "for a; do echo \"  argument $a\"; done; exit 3";

static void ended(const char *name, const char *what, pid_t pid)
{
	int status = 0;
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		NOTE_LINE("%s(%s) made no child: %m\n", name, what);
	else
		NOTE_LINE("%s(%s) = exit %d signal %d\n", name, what,
			WIFEXITED(status) ? WEXITSTATUS(status) : -1,
			WIFSIGNALED(status) ? WTERMSIG(status) : 0);
}

static void before(void)
{
	NOTE_LINE("  before fork\n");
}

static int parents;

static void in_parent(void)
{
	parents++;
}

static void in_child(void)
{
	NOTE_LINE("  in the child\n");
}

/* A child sees copies of the descriptors: what it closes stays open here. */
static int child_work(void)
{
	struct pollfd fd = {shared[0], POLLIN, 0};
	int set = epoll_create1(0);
	struct epoll_event event = {EPOLLIN, {.fd = 9}};
	int good = poll(&fd, 1, 0) == 1 && epoll_ctl(set, EPOLL_CTL_ADD, shared[0], &event) == 0 &&
		   epoll_wait(set, &event, 1, 0) == 1 && event.data.fd == 9;
	closefrom(3);
	return good && poll(&fd, 1, 0) == 1 && fd.revents == POLLNVAL ? 7 : 8;
}

static void forks(void)
{
	const struct {
		const char *name;
		pid_t (*call)(void);
	} all[] = {{"fork", fork}, {"__fork", __fork}, {"_Fork", _Fork}};
	for (unsigned i = 0; i < COUNT(all); i++) {
		fflush(NULL);
		pid_t pid = all[i].call();
		if (pid == 0)
			_exit(child_work());
		ended(all[i].name, "works and closes", pid);
		NOTE_LINE("  parent handlers %d\n", parents);
		show_descriptors();
	}
}

/* In a vfork child only what vfork(2) allows, and close, which everybody does there. */
static void vforks(void)
{
	char *const arguments[] = {"sh", "-c", "exit 21", NULL};
	pid_t pid = vfork();
	if (pid == 0) {
		close(shared[0]);
		dup2(0, shared[1]);
		close_range(3, ~0U, 0);
		execve("/bin/sh", arguments, environ);
		_exit(99);
	}
	ended("vfork", "closes and executes", pid);
	pid = __vfork();
	if (pid == 0) {
		closefrom(3);
		_exit(22);
	}
	ended("__vfork", "closes and exits", pid);
	pid = vfork();
	if (pid == 0) {
		execve("/nonexistent/program", arguments, environ);
		_exit(errno == ENOENT ? 23 : 24);
	}
	ended("vfork", "cannot execute", pid);
	show_descriptors();
	struct pollfd fd = {shared[0], POLLIN, 0};
	SHOW("poll", poll(&fd, 1, 0), "after vfork");
}

/* In a child, for success never returns. */
#define EXECUTED(name, call)                                                                       \
	do {                                                                                       \
		pid_t executed_pid = fork();                                                       \
		if (executed_pid == 0) {                                                           \
			SHOW(name, call, "failed");                                                \
			_exit(98);                                                                 \
		}                                                                                  \
		ended(name, #call, executed_pid);                                                  \
	} while (0)

static void executes(void)
{
	char *const arguments[] = {"sh", "-c", (char *)script, "sh", "one", "", "three", NULL};
	char *const environment[] = {"A=1", "B=two", NULL};
	char *const show[] = {
		"sh", "-c", "env | grep -vE '^(LD_PRELOAD|POLLCHECK|PWD)' | sort", NULL};
	int shell = open("/bin/sh", O_RDONLY | O_CLOEXEC), name = open("/bin", O_PATH | O_CLOEXEC);
	setenv("PATH", "/nonexistent:/bin:/usr/bin", 1);
	EXECUTED("execve", execve("/bin/sh", arguments, environment));
	EXECUTED("execve", execve("/bin/sh", show, environment));
	EXECUTED("execv", execv("/bin/sh", arguments));
	EXECUTED("execvp", execvp("sh", arguments));
	EXECUTED("execvpe", execvpe("sh", show, environment));
	EXECUTED("execl", execl("/bin/sh", "sh", "-c", script, "sh", "1", "2", "3", "4", "5", "6",
				  "7", "8", NULL));
	EXECUTED("execl", execl("/bin/sh", "sh", NULL));
	EXECUTED("execlp", execlp("sh", "sh", "-c", script, "sh", "a", "b", "c", "d", "e", NULL));
	EXECUTED("execle", execle("/bin/sh", "sh", "-c", show[2], NULL, environment));
	EXECUTED("execle", execle("/bin/sh", "sh", "-c", show[2], "p", "q", "r", "s", "t", "u", "v",
				   NULL, environment));
	EXECUTED("execveat", execveat(name, "sh", arguments, environment, 0));
	EXECUTED("execveat", execveat(shell, "", arguments, environment, AT_EMPTY_PATH));
	EXECUTED("fexecve", fexecve(shell, arguments, environment));
	EXECUTED("execvp", execvp("./script", arguments));
	close(shell);
	close(name);
}

static void failing_executes(void)
{
	char *const arguments[] = {"sh", NULL}, *none = NULL;
	const char *const paths[] = {"/nonexistent", "/tmp", "./script", "./unreadable", ""};
	for (unsigned i = 0; i < COUNT(paths); i++) {
		SHOW("execve", execve(paths[i], arguments, environ), "%s", paths[i]);
		SHOW("execv", execv(paths[i], arguments), "%s", paths[i]);
		SHOW("execl", execl(paths[i], "sh", NULL), "%s", paths[i]);
		SHOW("execle", execle(paths[i], "sh", NULL, &none), "%s", paths[i]);
		SHOW("execveat", execveat(-1, paths[i], arguments, environ, 0), "%s", paths[i]);
	}
	SHOW("execvp", execvp("no-such-program", arguments), "missing");
	SHOW("execvpe", execvpe("no-such-program", arguments, &none), "missing");
	SHOW("execlp", execlp("no-such-program", "x", NULL), "missing");
	SHOW("fexecve", fexecve(CLOSED, arguments, environ), "closed");
	EACH_BAD_POINTER(bad)
	{
		if (!bad->pointer)
			continue;
		SHOW("execve", execve(bad->pointer, arguments, environ), "path %s", bad->name);
		SHOW("execve", execve("./script", bad->pointer, environ), "argv %s", bad->name);
		SHOW("execve", execve("./script", arguments, bad->pointer), "envp %s", bad->name);
	}
}

/* Waits before it prints: the child prints too. */
#define SPAWNED(name, path, call)                                                                  \
	do {                                                                                       \
		pid_t spawned = -1;                                                                \
		errno = UNTOUCHED;                                                                 \
		int spawned_result = (call), spawned_error = errno;                                \
		if (spawned > 0)                                                                   \
			ended(name, path, spawned);                                                \
		shown(name, spawned_result, spawned_error, "%s", path);                            \
	} while (0)

static void spawns(void)
{
	char *const arguments[] = {"sh", "-c", (char *)script, "sh", "spawned", NULL};
	posix_spawn_file_actions_t actions;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, shared[0], 0);
	posix_spawn_file_actions_addclosefrom_np(&actions, 3);
	const char *const paths[] = {"/bin/sh", "/nonexistent", "./script", "sh"};
	for (unsigned i = 0; i < COUNT(paths); i++) {
		SPAWNED("posix_spawn", paths[i],
			posix_spawn(&spawned, paths[i], &actions, NULL, arguments, environ));
		SPAWNED("posix_spawnp", paths[i],
			posix_spawnp(&spawned, paths[i], NULL, NULL, arguments, environ));
	}
	posix_spawn_file_actions_destroy(&actions);
	show_descriptors();
}

static void exits(void)
{
	const int values[] = {0, 1, 255, 256, -1};
	for (unsigned i = 0; i < COUNT(values); i++) {
		pid_t pid = fork();
		if (pid == 0)
			_exit(values[i]);
		ended("_exit", "a value", pid);
		pid = fork();
		if (pid == 0)
			_Exit(values[i]);
		ended("_Exit", "a value", pid);
		pid = fork();
		if (pid == 0)
			syscall(SYS_exit_group, values[i]);
		ended("syscall", "exit_group", pid);
	}
}

static void limits(void)
{
	const struct rlimit wanted[] = {{64, 4096}, {100, 50}, {1024, 4096}, {1024, 8192}};
	for (unsigned i = 0; i < COUNT(wanted); i++) {
		struct rlimit *limit = place(0, &wanted[i], sizeof *limit);
		SHOW("setrlimit", setrlimit(RLIMIT_NOFILE, limit), "%lu", wanted[i].rlim_cur);
		SHOW("setrlimit64", setrlimit64(RLIMIT_NOFILE, (struct rlimit64 *)limit), "%lu",
			wanted[i].rlim_cur);
		SHOW("prlimit", prlimit(0, RLIMIT_NOFILE, limit, place(1, NULL, 16)), "both");
	}
	SHOW("setrlimit", setrlimit(9999, read_only()), "no such resource");
	EACH_BAD_POINTER(bad)
	{
		if (bad->pointer == read_only())
			continue;
		SHOW("setrlimit", setrlimit(RLIMIT_CORE, bad->pointer), "%s", bad->name);
		SHOW("setrlimit64", setrlimit64(RLIMIT_CORE, bad->pointer), "%s", bad->name);
	}
}

static void controls(void)
{
	SHOW("prctl", prctl(PR_SET_NAME, "renamed"), "PR_SET_NAME");
	SHOW("prctl", prctl(PR_GET_NAME, place(0, NULL, 16)), "PR_GET_NAME");
	SHOW("prctl", prctl(PR_GET_SECCOMP), "PR_GET_SECCOMP");
	SHOW("prctl", prctl(PR_SET_SECCOMP, 77, 0, 0, 0), "PR_SET_SECCOMP, 77");
	SHOW("prctl", prctl(PR_SET_SECCOMP, 2, NULL, 0, 0), "PR_SET_SECCOMP, no filter");
	SHOW("prctl", prctl(PR_SET_PDEATHSIG, 0, 0, 0, 0), "PR_SET_PDEATHSIG");
	SHOW("prctl", prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "PR_SET_NO_NEW_PRIVS");
	SHOW("prctl", prctl(PR_SET_NO_NEW_PRIVS, 1, 2, 3, 4), "PR_SET_NO_NEW_PRIVS, more");
	SHOW("prctl", prctl(-1, 1, 2, 3, 4), "-1");
}

int main(void)
{
	must(!pipe(shared) && write(shared[1], "x", 1) == 1, "pipe");
	int file = open("script", O_WRONLY | O_CREAT | O_CLOEXEC, 0755);
	must(write(file, "exit 44\n", 8) == 8, "write");
	close(file);
	close(open("unreadable", O_WRONLY | O_CREAT | O_CLOEXEC, 0));
	vforks();
	executes();
	failing_executes();
	spawns();
	exits();
	pthread_atfork(before, in_parent, in_child);
	forks();
	limits();
	controls();
	return 0;
}

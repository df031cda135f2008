/* cleans WAY PROGRAM: executes PROGRAM with an environment that has one variable only, in each way
 * there is. */
#include "hostile/use.h"

#include <spawn.h>

extern char **environ;
static char *const only[] = {"ONLY=this", NULL};

static void spawned(const char *program, char *const argv[], bool by_path)
{
	pid_t child;
	int failed = by_path ? posix_spawnp(&child, program, NULL, NULL, argv, only)
			     : posix_spawn(&child, program, NULL, NULL, argv, only);
	must(failed == 0, "posix_spawn");
	exit(exit_status(child));
}

static void from_a_vfork_child(const char *program, char *const argv[])
{
	pid_t child = vfork();
	if (child == 0) {
		execve(program, argv, only);
		_exit(98);
	}
	exit(exit_status(child));
}

static void with_environ(const char *way, const char *program, char *const argv[])
{
	environ = (char **)only;
	if (strcmp(way, "execv") == 0)
		execv(program, argv);
	if (strcmp(way, "execvp") == 0)
		execvp(program, argv);
	if (strcmp(way, "execl") == 0)
		execl(program, program, NULL);
	if (strcmp(way, "execlp") == 0)
		execlp(program, program, NULL);
}

int main(int count, char **arguments)
{
	must(count == 3, "usage: cleans WAY PROGRAM");
	const char *way = arguments[1], *program = arguments[2];
	char *const argv[] = {arguments[2], NULL};
	int fd = open(program, O_RDONLY | O_CLOEXEC);
	if (strcmp(way, "execve") == 0)
		execve(program, argv, only);
	if (strcmp(way, "execvpe") == 0)
		execvpe(program, argv, only);
	if (strcmp(way, "execle") == 0)
		execle(program, program, NULL, only);
	if (strcmp(way, "execveat") == 0)
		execveat(AT_FDCWD, program, argv, only, 0);
	if (strcmp(way, "fexecve") == 0)
		fexecve(fd, argv, only);
	if (strncmp(way, "posix_spawn", 11) == 0)
		spawned(program, argv, way[11] == 'p');
	if (strcmp(way, "vfork") == 0)
		from_a_vfork_child(program, argv);
	if (strcmp(way, "fault") == 0)
		must(execve(program, argv, (char **)1) == -1 && errno == EFAULT, "EFAULT");
	else
		with_environ(way, program, argv);
	return 97;
}

/* startup PAIRS PROGRAM LIBRARY: microseconds from start to end of PROGRAM without and with LIBRARY
 * preloaded, in turn. POLLCHECK_OPTIONS reaches PROGRAM as it is. */
#include "alternate.h"
#include <spawn.h>
#include <sys/wait.h>

enum { MOST_VARIABLES = 4096 };

struct program {
	char *path;
	char *environment[2][MOST_VARIABLES];
};

static double time_start(enum variant variant, void *of)
{
	struct program *program = of;
	char *argv[] = {program->path, NULL};
	pid_t pid;
	int status;
	int64_t start = now();
	must(posix_spawn(&pid, program->path, NULL, NULL, argv, program->environment[variant]) == 0,
		program->path);
	must(waitpid(pid, &status, 0) == pid, "waitpid");
	double spent = now() - start;
	must(status == 0, "the program failed");
	return spent / 1000;
}

int main(int argc, char **argv)
{
	extern char **environ;
	static struct program program;
	static char preload[4096];
	int count = 0;
	if (argc != 4) {
		fputs("usage: startup PAIRS PROGRAM LIBRARY\n", stderr);
		return 2;
	}
	snprintf(preload, sizeof preload, "LD_PRELOAD=%s", argv[3]);
	for (; environ[count] && count < MOST_VARIABLES - 2; count++)
		program.environment[NATIVE][count] = program.environment[SHIMMED][count] =
			environ[count];
	program.environment[SHIMMED][count] = preload;
	program.path = argv[2];
	alternate(atoi(argv[1]), time_start, &program);
	return 0;
}

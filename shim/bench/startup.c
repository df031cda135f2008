/* startup PAIRS PROGRAM: microseconds from start to end of PROGRAM, with LD_PRELOAD taken out of
 * the environment and with it as it is, in turn. */
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
	int kept = 0;
	if (argc != 3) {
		fputs("usage: startup PAIRS PROGRAM\n", stderr);
		return 2;
	}
	for (int i = 0; environ[i] && i < MOST_VARIABLES - 1; i++) {
		program.environment[SHIMMED][i] = environ[i];
		if (strncmp(environ[i], "LD_PRELOAD=", strlen("LD_PRELOAD=")) != 0)
			program.environment[NATIVE][kept++] = environ[i];
	}
	program.path = argv[2];
	alternate(atoi(argv[1]), time_start, &program);
	return 0;
}

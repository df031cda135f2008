/* children WAY: polls ten times, before or beside a child of some kind. */
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void polled(int times)
{
	for (int n = 1; n <= times; n++) {
		struct pollfd fd = {.fd = -n, .events = POLLIN};
		poll(&fd, 1, 0);
	}
}

static pid_t silent(void)
{
	pid_t child = fork();
	if (child == 0)
		syscall(SYS_exit_group, 0);
	return child;
}

static pid_t cloned(void)
{
	pid_t child = (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
	if (child == 0) {
		polled(20);
		syscall(SYS_exit_group, 0);
	}
	return child;
}

static pid_t in_our_memory(void)
{
	pid_t child = vfork();
	if (child == 0) {
		polled(20);
		_exit(0);
	}
	return child;
}

int main(int count, char **arguments)
{
	const char *way = count == 2 ? arguments[1] : "";
	int status;
	pid_t child = strcmp(way, "silent") == 0  ? silent()
		      : strcmp(way, "clone") == 0 ? cloned()
						  : in_our_memory();
	polled(10);
	return waitpid(child, &status, 0) != child || status != 0;
}

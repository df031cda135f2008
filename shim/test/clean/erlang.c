/* level: warning. As Erlang starts its helper: the program that is executed inherits the epoll
 * instance, closes it with its first calls, and lives as long as its parent. */
#include "clean.h"

#include <signal.h>

static int helper(void)
{
	closefrom(STDERR_FILENO + 1);
	must((int)write(STDOUT_FILENO, "x", 1));
	pause();
	return 0;
}

int main(int argc, char **argv)
{
	struct epoll_event event;
	char byte;
	int epfd, closed[2];
	if (argc > 1)
		return helper();
	epfd = must(epoll_create(1));
	must(pipe2(closed, O_CLOEXEC));
	pid_t child = must(fork());
	if (child == 0) {
		must(dup2(closed[1], STDOUT_FILENO));
		execl(argv[0], argv[0], "helper", NULL);
		_exit(99);
	}
	must((int)read(closed[0], &byte, 1));
	for (int i = 0; i < 15; i++)
		must(epoll_wait(epfd, &event, 1, 100));
	kill(child, SIGTERM);
	must(waitpid(child, NULL, 0));
	return 0;
}

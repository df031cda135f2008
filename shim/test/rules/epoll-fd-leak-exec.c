/* An epoll instance with and without close-on-exec meets execve; then a program keeps it open. */
#include "rule.h"

#include <signal.h>

static void execute(int epfd)
{
	pid_t child = must(fork());
	if (child == 0) {
		execl("/bin/true", "true", NULL);
		_exit(99);
	}
	must(waitpid(child, NULL, 0));
	close(epfd);
}

static void right(void)
{
	int epfd = must(epoll_create1(0));
	must(fcntl(epfd, F_SETFD, FD_CLOEXEC)); /* after creation is in time, too */
	execute(epfd);
	execute(instance());
}

/* A second after it was seen to run, with a loop that looks ten times a second at most. */
static void keeps(int epfd)
{
	struct epoll_event event;
	pid_t child = must(fork());
	if (child == 0) {
		execl("/bin/sleep", "sleep", "60", NULL);
		_exit(99);
	}
	for (int i = 0; i < 15; i++)
		must(epoll_wait(epfd, &event, 1, 100));
	kill(child, SIGKILL);
	must(waitpid(child, NULL, 0));
	close(epfd);
}

static void wrong(void)
{
	execute(must(epoll_create1(0)));
	keeps(must(epoll_create1(0)));
}

/* An epoll instance with and without close-on-exec meets execve. */
#include "rule.h"

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

static void wrong(void)
{
	execute(must(epoll_create1(0)));
}

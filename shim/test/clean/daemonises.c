/* level: note. The loop is made first, the program becomes a daemon then, and its parent is gone:
 * the instance that was made before fork is the child's alone. */
#include "clean.h"

int main(void)
{
	struct epoll_event event;
	int done[2], epfd = instance(), pair[2];
	char byte;
	must(pipe2(done, O_CLOEXEC));
	must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
	must(add(epfd, pair[0], EPOLLIN));
	pid_t middle = must(fork());
	if (middle) { /* waits to see that all went well, as the test wants to know too */
		close(done[1]);
		close(epfd);
		close(pair[0]);
		close(pair[1]);
		return read(done[0], &byte, 1) == 1 ? 0 : 99;
	}
	must(setsid());
	if (must(fork()))
		_exit(0);
	must(epoll_wait(epfd, &event, 1, 150)); /* the parents are told from co-owners by time */
	must(modify(epfd, pair[0], EPOLLIN | EPOLLRDHUP));
	must((int)write(pair[1], "x", 1));
	must(epoll_wait(epfd, &event, 1, 1000));
	must((int)read(pair[0], &byte, 1));
	must((int)write(done[1], "y", 1));
	return 0;
}

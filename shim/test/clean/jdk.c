/* level: note. As the JDK's pollers do it: a thread that wants input arms its descriptor one-shot,
 * by MOD, and by ADD when that says ENOENT; the event says who may go on. */
#include "clean.h"

static void arm(int epfd, int fd)
{
	if (modify(epfd, fd, EPOLLIN | EPOLLONESHOT) < 0)
		must(errno == ENOENT ? add(epfd, fd, EPOLLIN | EPOLLONESHOT) : -1);
}

int main(void)
{
	struct epoll_event events[16];
	int epfd = instance();
	for (int i = 0; i < 50; i++) {
		int pair[2];
		char byte;
		must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair));
		for (int j = 0; j < 5; j++) {
			if (read(pair[0], &byte, 1) >= 0 || errno != EAGAIN)
				exit(99);
			arm(epfd, pair[0]);
			must((int)write(pair[1], "x", 1));
			must(epoll_wait(epfd, events, 16, 1000));
			must((int)read(pair[0], &byte, 1));
		}
		close(pair[0]);
		close(pair[1]);
	}
	must(epoll_wait(epfd, events, 16, 10));
	close(epfd);
	return 0;
}

/* End of file is answered with DEL and close; then by reading again and again. */
#include "rule.h"

static int finished_peer(int epfd)
{
	int pair[2];
	must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
	must(add(epfd, pair[0], EPOLLIN));
	must(shutdown(pair[1], SHUT_WR)); /* stays open: no hang-up, only end of file */
	return pair[0];
}

static void right(void)
{
	char byte;
	struct epoll_event event;
	int epfd = instance(), fd = finished_peer(epfd);
	must(epoll_wait(epfd, &event, 1, -1));
	if (must((int)read(fd, &byte, 1)) == 0)
		must(epoll_ctl(epfd, EPOLL_CTL_DEL, fd, NULL));
	close(fd);
	close(epfd);
}

static void wrong(void)
{
	char byte;
	struct epoll_event event;
	int epfd = instance(), fd = finished_peer(epfd);
	double since = now();
	for (int i = 0; spinning(since, i); i++) {
		must(epoll_wait(epfd, &event, 1, -1));
		must((int)read(fd, &byte, 1));
	}
	close(fd);
	close(epfd);
}

/* A finished peer's last bytes are read before close; then thrown away. */
#include "rule.h"

static int finished_peer(int epfd)
{
	int pair[2];
	must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
	must(add(epfd, pair[0], EPOLLIN | EPOLLRDHUP));
	must((int)write(pair[1], "the end", 7));
	close(pair[1]);
	return pair[0];
}

static void right(void)
{
	char bytes[8];
	struct epoll_event event;
	int epfd = instance(), fd = finished_peer(epfd);
	must(epoll_wait(epfd, &event, 1, -1));
	while (must((int)read(fd, bytes, sizeof(bytes))) > 0)
		;
	close(fd);
	close(epfd);
}

static void wrong(void)
{
	struct epoll_event event;
	int epfd = instance(), fd = finished_peer(epfd);
	must(epoll_wait(epfd, &event, 1, -1));
	if (event.events & EPOLLRDHUP)
		close(fd);
	close(epfd);
}

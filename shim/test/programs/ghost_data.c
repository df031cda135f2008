/* The memory goes with the number, the registration stays with a duplicate: its events still name
 * the memory. */
#include "../rules/rule.h"

struct connection {
	int fd;
};

static void right(void)
{
}

static void wrong(void)
{
	int pair[2];
	struct epoll_event event = {.events = EPOLLIN};
	struct connection *c = malloc(sizeof(*c));
	int epfd = instance();
	must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
	c->fd = pair[0];
	event.data.ptr = c;
	must(epoll_ctl(epfd, EPOLL_CTL_ADD, c->fd, &event));
	int copy = must(fcntl(c->fd, F_DUPFD_CLOEXEC, 0));
	close(c->fd);
	free(c);
	for (double since = now(); now() - since < 0.15;)
		must(epoll_wait(epfd, &event, 1, 20));
	must((int)send(pair[1], "x", 1, 0));
	must(epoll_wait(epfd, &event, 1, -1));
	close(copy);
	close(pair[1]);
	close(epfd);
}

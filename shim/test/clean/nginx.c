/* level: note. As nginx does it: each connection is registered once, edge-triggered, for both
 * directions and for life; closed without EPOLL_CTL_DEL; the lowest bit of data.ptr tells a stale
 * event of one batch from one of the new connection in the same place; events are posted and acted
 * on later; the listener is taken off for a while when accept has no descriptor left. */
#include "clean.h"

enum { CONNECTIONS = 64, BATCH = 16, EARLY = 6, SERVED = 40 };

static struct connection {
	int fd; /* -1: free */
	unsigned instance;
} connections[CONNECTIONS];

struct posted {
	struct connection *connection;
	unsigned events;
};

static int epfd, listener, listening, served, taken_off;

static void listen_again(int on)
{
	if (on == listening)
		return;
	must(register_with(epfd, on ? EPOLL_CTL_ADD : EPOLL_CTL_DEL, listener, EPOLLIN, 0));
	listening = on;
	taken_off += !on;
}

static void accept_all(void)
{
	for (;;) {
		int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd < 0 && errno == EMFILE)
			listen_again(0);
		if (fd < 0)
			return;
		struct connection *c = connections;
		while (c->fd >= 0)
			c++;
		c->fd = fd;
		c->instance = !c->instance;
		must(register_with(epfd, EPOLL_CTL_ADD, fd,
			EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, (uintptr_t)c | c->instance));
	}
}

static void finish(struct connection *c)
{
	close(c->fd);
	c->fd = -1;
	served++;
	listen_again(1);
}

static void serve(struct connection *c)
{
	char text[64];
	ssize_t n;
	while ((n = read(c->fd, text, sizeof(text))) > 0)
		if (write(c->fd, text, (size_t)n) < 0)
			break;
	if (n == 0 || errno != EAGAIN)
		finish(c);
}

static int posted_events(const struct epoll_event *events, int n, struct posted *posted)
{
	int count = 0;
	for (int i = 0; i < n; i++) {
		struct connection *c =
			(struct connection *)((uintptr_t)events[i].data.ptr & ~(uintptr_t)1);
		if (!c || c->fd < 0 || c->instance != (events[i].data.u64 & 1))
			continue; /* the listener; or stale */
		unsigned got = events[i].events;
		if (got & (EPOLLERR | EPOLLHUP))
			got |= EPOLLIN | EPOLLOUT;
		posted[count++] = (struct posted){c, got};
	}
	return count;
}

int main(void)
{
	struct sockaddr_in address;
	struct epoll_event events[BATCH];
	struct posted posted[BATCH];
	for (int i = 0; i < CONNECTIONS; i++)
		connections[i].fd = -1;
	listener = nonblocking_listener(&address);
	epfd = instance();
	listen_again(1);
	wait_for(clients(&address, EARLY, 0)); /* they queue up: more than there is room for */
	pid_t child = clients(&address, SERVED - EARLY, 1);
	limit_descriptors((unsigned)epfd + 3); /* two connections at a time */
	while (served < SERVED) {
		int n = must(epoll_wait(epfd, events, BATCH, 5000));
		int count = posted_events(events, n, posted);
		accept_all();
		for (int i = 0; i < count; i++)
			if (posted[i].connection->fd >= 0 && posted[i].events & EPOLLIN)
				serve(posted[i].connection);
	}
	wait_for(child);
	return taken_off ? 0 : 99;
}

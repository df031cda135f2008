/* Each member of data read as it was stored; then a pointer is stored and data.fd read. */
#include "rule.h"

struct connection {
	int fd;
};

static struct connection *connected(int epfd, uint64_t data)
{
	struct connection *made;
	do
		made = malloc(sizeof(*made));
	while ((uint32_t)(uintptr_t)made < 1 << 21); /* could be a descriptor */
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = made};
	made->fd = must(eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK));
	if (data)
		event.data.u64 = data | (unsigned)made->fd;
	must(epoll_ctl(epfd, EPOLL_CTL_ADD, made->fd, &event));
	return made;
}

static struct epoll_event waited(int epfd)
{
	struct epoll_event event;
	must(epoll_wait(epfd, &event, 1, -1));
	return event;
}

static void ended(struct connection *c)
{
	close(c->fd);
	free(c);
}

static void right(void)
{
	uint64_t count;
	int epfd = instance();
	struct connection *c = connected(epfd, 0);
	c = waited(epfd).data.ptr;
	must((int)read(c->fd, &count, sizeof(count)));
	ended(c);
	c = connected(epfd, (uint64_t)3 << 32); /* a generation above the number */
	must((int)read(waited(epfd).data.fd, &count, sizeof(count)));
	close(c->fd);
	if (read(-1, &count, sizeof(count)) >= 0 || close(1 << 21) == 0)
		exit(99); /* numbers that are nothing's half */
	free(c);
	close(epfd);
}

/* Of an address, as this architecture has them, the lower half is no descriptor. */
static void wrong(void)
{
	uint64_t count;
	int epfd = instance();
	struct connection *c = connected(epfd, 0);
	struct epoll_event event = waited(epfd);
	if (read(event.data.fd, &count, sizeof(count)) >= 0)
		exit(99);
	if (epoll_ctl(epfd, EPOLL_CTL_DEL, event.data.fd, NULL) == 0)
		exit(99);
	if (send(event.data.fd, "bye", 3, 0) >= 0 || close(event.data.fd) == 0)
		exit(99);
	ended(c);
	close(epfd);
}

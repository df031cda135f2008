/* Each member of data read as it was stored; then a pointer is stored and data.fd read. */
#include "rule.h"

#include <sys/mman.h>

#define POSITIVE_HALF ((uint64_t)8 << 32 | 1 << 24)
#define NEGATIVE_HALF (POSITIVE_HALF | (uint64_t)1 << 31)

struct connection {
	int fd;
};

static void connect_to(struct connection *made, int epfd, uint64_t data)
{
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = made};
	made->fd = must(eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK));
	if (data)
		event.data.u64 = data | (unsigned)made->fd;
	must(epoll_ctl(epfd, EPOLL_CTL_ADD, made->fd, &event));
}

static struct epoll_event waited(int epfd)
{
	struct epoll_event event;
	must(epoll_wait(epfd, &event, 1, -1));
	return event;
}

/* The lower half of an address that is wider; from 2 MiB on it can be no descriptor. Valgrind's
 * heap is below 4 GiB, so the place is asked for: a hint is followed there as well. */
static struct connection *memory(uint64_t near)
{
	void *made;
	do
		made = mmap((void *)(uintptr_t)near, sizeof(struct connection),
			PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	while (made != MAP_FAILED && (uint32_t)(uintptr_t)made < 1 << 21);
	if (made == MAP_FAILED)
		exit(99);
	return made;
}

static void ended(int epfd, struct connection *c)
{
	close(epfd);
	must(munmap(c, sizeof(*c))); /* the place is for the next one */
}

static void right(void)
{
	uint64_t count;
	int epfd = instance();
	struct connection *c = memory(POSITIVE_HALF);
	connect_to(c, epfd, 0);
	c = waited(epfd).data.ptr;
	must((int)read(c->fd, &count, sizeof(count)));
	close(c->fd);
	connect_to(c, epfd, (uint64_t)3 << 32); /* a generation above the number */
	must((int)read(waited(epfd).data.fd, &count, sizeof(count)));
	close(c->fd);
	if (read(-1, &count, sizeof(count)) >= 0 || close(1 << 21) == 0)
		exit(99); /* numbers that are nothing's half */
	ended(epfd, c);
}

static void reads_another(uint64_t near)
{
	uint64_t count;
	int epfd = instance();
	struct connection *c = memory(near);
	connect_to(c, epfd, 0);
	int fd = waited(epfd).data.fd;
	if (read(fd, &count, sizeof(count)) >= 0)
		exit(99);
	if (epoll_ctl(epfd, EPOLL_CTL_DEL, fd, NULL) == 0)
		exit(99);
	if (send(fd, "bye", 3, 0) >= 0 || close(fd) == 0)
		exit(99);
	close(c->fd);
	ended(epfd, c);
}

static void wrong(void)
{
	reads_another(POSITIVE_HALF);
	if (sizeof(void *) == sizeof(uint64_t)) /* of a narrow one the number is just negative */
		reads_another(NEGATIVE_HALF);
}

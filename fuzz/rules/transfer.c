/* Input and output. Nothing blocks: what would is left out. */
#include "rules.h"

#include <dlfcn.h>
#include <string.h>
#include <sys/time.h>

enum { BUFFER = 64 << 10 };

static char buffer[BUFFER];

bool is_ready(int fd, short mask)
{
	static int (*bare)(struct pollfd *, nfds_t, int);
	struct pollfd p = {fd, mask, 0};
	if (!bare)
		bare = (int (*)(struct pollfd *, nfds_t, int))dlsym(
			dlopen("libc.so.6", RTLD_LAZY | RTLD_NOLOAD), "poll");
	return bare(&p, 1, 0) == 1;
}

/* A limit of its own, as take_option gives it, ends a read. */
static bool would_block(int fd, short mask)
{
	int flags = fcntl(fd, F_GETFL);
	struct timeval limit = {0, 0};
	socklen_t size = sizeof(limit);
	if (mask == POLLIN)
		getsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, &size);
	return flags >= 0 && !(flags & O_NONBLOCK) && !is_ready(fd, mask) && !limit.tv_usec;
}

static void read_from(int fd, size_t size, unsigned way)
{
	if (would_block(fd, POLLIN))
		return;
	if (way % 4 == 1)
		recv(fd, buffer, size, MSG_PEEK | MSG_DONTWAIT);
	else if (way % 4 == 2)
		recv(fd, buffer, size, MSG_DONTWAIT);
	else if (way % 4 == 3)
		readv(fd, &(struct iovec){buffer, size}, 1);
	else
		read(fd, buffer, size);
}

void take_read(const struct step *s)
{
	read_from(fds[slot(s->a)], s->b == 255 ? BUFFER : s->b, s->c);
}

void take_write(const struct step *s)
{
	int fd = fds[slot(s->a)];
	size_t size = s->b < 128 ? s->b : (size_t)(s->b - 127) * 512;
	if (would_block(fd, POLLOUT) || (!(fcntl(fd, F_GETFL) & O_NONBLOCK) && size > 4096))
		return;
	if (s->c % 3 == 1)
		send(fd, buffer, size, MSG_DONTWAIT | MSG_NOSIGNAL);
	else if (s->c % 3 == 2)
		eventfd_write(fd, size + 1);
	else
		write(fd, buffer, size);
}

static bool is_ours(int fd)
{
	for (int i = 0; i < SLOTS; i++)
		if (fds[i] == fd)
			return fd >= 0;
	return false;
}

void take_serve(const struct step *s)
{
	int most = s->b ? s->b : EVENTS_ROOM;
	for (int i = 0; i < reported_count && i < most; i++)
		if (is_ours((int)reported[i].data.u32))
			read_from((int)reported[i].data.u32, s->a == 255 ? BUFFER : s->a, s->c);
		else if (reported[i].data.u32 >
			 1 << 22) /* half of an address: none is open there */
			write((int)reported[i].data.u32, buffer, 1);
}

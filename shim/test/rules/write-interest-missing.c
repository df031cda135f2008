/* What a full socket did not take is kept and sent when there is room; then it is forgotten. */
#include "stall.h"

static char data[1 << 20];
static struct epoll_event event;

/* Writes more than there is room for. */
static void overfill(int fd)
{
	while (write(fd, data, sizeof(data)) == (ssize_t)sizeof(data))
		;
}

static void empty(int fd)
{
	while (read(fd, data, sizeof(data)) > 0)
		;
}

/* Interest by epoll, by poll, and by select. */
static void wait_for_room(int epfd, int fd, int round)
{
	struct pollfd p = {.fd = fd, .events = POLLOUT};
	struct timeval limit = {.tv_sec = LONG_MS / 1000, .tv_usec = LONG_MS % 1000 * 1000};
	fd_set set;
	FD_ZERO(&set);
	FD_SET(fd, &set);
	if (round < 2)
		must(epoll_wait(epfd, &event, 1, LONG_MS));
	else if (round == 2)
		must(poll(&p, 1, LONG_MS));
	else
		must(select(fd + 1, NULL, &set, NULL, &limit));
}

static void right(void)
{
	int epfd = instance(), pair[2], full[2];
	struct pollfd p = {.events = POLLIN};
	socket_pair(pair);
	must(add(epfd, pair[0], EPOLLIN | EPOLLOUT | EPOLLET));
	for (int round = 0; round < 4; round++) {
		if (round == 2)
			must(epoll_ctl(epfd, EPOLL_CTL_DEL, pair[0], NULL));
		overfill(pair[0]);
		wait_for_room(epfd, pair[0], round); /* with nobody reading: a second */
		empty(pair[1]);
		wait_for_room(epfd, pair[0], round);
		must((int)write(pair[0], "the rest", 8));
	}
	/* a wake-up that is refused is one too many, and its pipe stays full until the reader has
	 * time */
	must(pipe2(full, O_CLOEXEC | O_NONBLOCK));
	while (write(full[1], data, 4096) > 0)
		;
	must((int)read(full[0], data, 4096));
	while (write(full[1], "w", 1) > 0)
		;
	p.fd = full[0];
	empty(full[0]);
	for (int i = 0; i < 2; i++)
		must(poll(&p, 1, i ? 1 : LONG_MS));
	/* what is shut down for writing is owed nothing */
	overfill(pair[0]);
	must(shutdown(pair[0], SHUT_WR));
	empty(pair[1]);
	p.fd = pair[0];
	for (int i = 0; i < 2; i++)
		must(poll(&p, 1, i ? 1 : LONG_MS));
	close_all((int[]){epfd, pair[0], pair[1], full[0], full[1]}, 5);
}

static void wrong(void)
{
	int epfd = instance(), pair[2];
	socket_pair(pair);
	must(add(epfd, pair[0], EPOLLIN));
	overfill(pair[0]);
	empty(pair[1]);
	for (int i = 0; i < 2; i++)
		must(epoll_wait(epfd, &event, 1, i ? 1 : LONG_MS));
	close_all((int[]){epfd, pair[0], pair[1]}, 3);
}

/* A blocking descriptor is read once an edge, with MSG_DONTWAIT, or in full; a drain loop on one
 * that does not block ends with EAGAIN. Then a drain loop blocks. */
#include "signalled.h"
#include "stall.h"

static struct epoll_event event;
static char text[64];

static void edge(int epfd, int fd)
{
	must((int)write(fd, "12345678", 8));
	must(epoll_wait(epfd, &event, 1, -1));
}

static void right(void)
{
	int epfd = instance(), pair[2];
	must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
	must(add(epfd, pair[0], EPOLLIN | EPOLLET));
	edge(epfd, pair[1]);
	must((int)read(pair[0], text, sizeof(text)));
	edge(epfd, pair[1]);
	while (recv(pair[0], text, sizeof(text), MSG_DONTWAIT) > 0)
		;
	edge(epfd, pair[1]); /* a head of four bytes tells how long the rest is */
	for (int i = 0; i < 2; i++)
		must((int)read(pair[0], text, 4));
	edge(epfd, pair[1]);
	must((int)read(pair[0], text, sizeof(text)));
	must((int)write(pair[1], "more", 4)); /* came meanwhile */
	must((int)read(pair[0], text, sizeof(text)));
	non_blocking(pair[0]);
	edge(epfd, pair[1]);
	while (read(pair[0], text, sizeof(text)) > 0)
		;
	close_all((int[]){epfd, pair[0], pair[1]}, 3);
}

static void wrong(void)
{
	int epfd = instance(), pair[2];
	must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
	must(add(epfd, pair[0], EPOLLIN | EPOLLET));
	edge(epfd, pair[1]);
	catch_signal(SIGALRM, 0);
	ring_every(20000);
	while (read(pair[0], text, sizeof(text)) > 0)
		;
	ring_every(0);
	close_all((int[]){epfd, pair[0], pair[1]}, 3);
}

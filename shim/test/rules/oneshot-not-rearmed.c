/* A one-shot registration is armed again after its event, taken off, or left alone while nothing is
 * there to be read; then it is forgotten. */
#include "stall.h"

static struct epoll_event event;
static char byte;

static void serve(int epfd, const int pair[2])
{
	must((int)write(pair[1], "x", 1));
	must(epoll_wait(epfd, &event, 1, -1));
	must((int)read(pair[0], &byte, 1));
}

static void armed_again(void)
{
	int epfd = instance(), pair[2];
	socket_pair(pair);
	must(add(epfd, pair[0], EPOLLIN | EPOLLONESHOT));
	for (int i = 0; i < 3; i++) {
		serve(epfd, pair);
		must(modify(epfd, pair[0], EPOLLIN | EPOLLONESHOT));
	}
	for (int i = 0; i < 2; i++)
		must(epoll_wait(epfd, &event, 1, i ? 1 : LONG_MS));
	close_all((int[]){epfd, pair[0], pair[1]}, 3);
}

static void right(void)
{
	int epfd = instance(), pair[3][2];
	in_child(armed_again);
	for (int i = 0; i < 3; i++) {
		socket_pair(pair[i]);
		must(add(epfd, pair[i][0], (i == 2 ? EPOLLOUT : EPOLLIN) | EPOLLONESHOT));
		if (i == 2) /* room is what it was asked for, once */
			must(epoll_wait(epfd, &event, 1, -1));
		else
			serve(epfd, pair[i]);
	}
	must(epoll_ctl(epfd, EPOLL_CTL_DEL, pair[1][0], NULL));
	must((int)write(pair[1][1], "x", 1) | (int)write(pair[2][1], "x", 1));
	for (int i = 0; i < 3; i++)
		must(epoll_wait(epfd, &event, 1, i == 2 ? 1 : LONG_MS));
	for (int i = 0; i < 3; i++)
		close_all(pair[i], 2);
	must(close(epfd));
}

static void wrong(void)
{
	int epfd = instance(), pair[2];
	socket_pair(pair);
	must(add(epfd, pair[0], EPOLLIN | EPOLLONESHOT));
	serve(epfd, pair);
	must((int)write(pair[1], "x", 1));
	for (int i = 0; i < 2; i++)
		must(epoll_wait(epfd, &event, 1, i ? 1 : LONG_MS));
	close_all((int[]){epfd, pair[0], pair[1]}, 3);
}

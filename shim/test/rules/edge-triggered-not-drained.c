/* Edge-triggered input is read until EAGAIN, or as far as wanted if the program remembers where it
 * stopped; then a part of it is read and the rest forgotten. */
#include "stall.h"

#include <pthread.h>
#include <sys/timerfd.h>

static struct epoll_event event;
static char text[64];

/* One edge, of which `take` bytes are read at a time until `rounds` reads or EAGAIN. */
static void read_edge(int epfd, int fd, size_t take, int rounds)
{
	must(epoll_wait(epfd, &event, 1, -1));
	while (rounds-- && read(fd, text, take) > 0)
		;
}

static void *sends_more(void *fd)
{
	poll(NULL, 0, LONG_MS);
	must((int)write(*(int *)fd, "9", 1));
	return NULL;
}

static void remembers(void)
{
	int epfd = instance(), pair[2];
	socket_pair(pair);
	must(add(epfd, pair[0], EPOLLIN | EPOLLET));
	must((int)write(pair[1], "12345678", 8));
	read_edge(epfd, pair[0], 4, 1);
	must(epoll_wait(epfd, &event, 1, LONG_MS));
	must((int)read(pair[0], text, 4)); /* it goes on without being told again */
	must(epoll_wait(epfd, &event, 1, LONG_MS));
	must(epoll_wait(epfd, &event, 1, 1));
	close_all((int[]){epfd, pair[0], pair[1]}, 3);
}

static void right(void)
{
	struct itimerspec soon = {.it_value.tv_nsec = 1}, *once = &soon;
	int epfd = instance(), pair[3][2], counter = must(eventfd(1, EFD_CLOEXEC));
	pthread_t peer;
	int timer = must(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC));
	for (int i = 0; i < 3; i++) {
		socket_pair(pair[i]);
		must(add(epfd, pair[i][0], EPOLLIN | EPOLLET));
		must((int)write(pair[i][1], "12345678", 8));
		/* until EAGAIN, until a short read, in part and armed anew */
		read_edge(epfd, pair[i][0], i == 1 ? 5 : 4, i == 2 ? 1 : 3);
	}
	must(modify(epfd, pair[2][0], EPOLLIN | EPOLLET));
	read_edge(epfd, pair[2][0], sizeof(text), 1);
	/* never read, for an edge comes with each count all the same */
	must(add(epfd, counter, EPOLLIN | EPOLLET) | add(epfd, timer, EPOLLIN | EPOLLET));
	must(timerfd_settime(timer, 0, once, NULL));
	for (int i = 0; i < 4; i++)
		must(epoll_wait(epfd, &event, 1, i < 2 ? LONG_MS : 1));
	must(epoll_wait(epfd, &event, 1, LONG_MS));
	must(epoll_wait(epfd, &event, 1, 1));
	in_child(remembers);
	/* all that there was had been asked for, exactly; what comes later is reported */
	for (int i = 0; i < 2; i++) {
		must((int)write(pair[0][1], "1234", 4));
		read_edge(epfd, pair[0][0], 4, 1);
		must(epoll_wait(epfd, &event, 1, LONG_MS));
	}
	must((int)write(pair[0][1], "1234", 4));
	read_edge(epfd, pair[0][0], 4, 1);
	must(-pthread_create(&peer, NULL, sends_more, &pair[0][1]));
	read_edge(epfd, pair[0][0], 1, 1);
	must(-pthread_join(peer, NULL));
	for (int i = 0; i < 3; i++)
		close_all(pair[i], 2);
	close_all((int[]){epfd, counter, timer}, 3);
}

static int listening(struct sockaddr_in *address)
{
	socklen_t length = sizeof(*address);
	int fd = must(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
	*address = (struct sockaddr_in){
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	must(bind(fd, (struct sockaddr *)address, length));
	must(listen(fd, 8));
	must(getsockname(fd, (struct sockaddr *)address, &length));
	return fd;
}

/* Two clients, one edge, one accept. */
static void accepts_one(void)
{
	struct sockaddr_in address;
	int epfd = instance(), listener = listening(&address), client[2], accepted;
	for (int i = 0; i < 2; i++) {
		client[i] = must(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
		must(connect(client[i], (struct sockaddr *)&address, sizeof(address)));
	}
	must(add(epfd, listener, EPOLLIN | EPOLLET));
	must(epoll_wait(epfd, &event, 1, -1));
	accepted = must(accept(listener, NULL, NULL));
	for (int i = 0; i < 2; i++)
		must(epoll_wait(epfd, &event, 1, i ? 1 : LONG_MS));
	close_all((int[]){epfd, listener, client[0], client[1], accepted}, 5);
}

/* What was left is found only because the peer sends more, a long time later. */
static void woken_by_more(void)
{
	int epfd = instance(), pair[2];
	socket_pair(pair);
	must(add(epfd, pair[0], EPOLLIN | EPOLLET));
	must((int)write(pair[1], "12345678", 8));
	read_edge(epfd, pair[0], 4, 1);
	pthread_t peer;
	must(-pthread_create(&peer, NULL, sends_more, &pair[1]));
	must(epoll_wait(epfd, &event, 1, 10 * LONG_MS));
	while (read(pair[0], text, sizeof(text)) > 0)
		;
	must(-pthread_join(peer, NULL));
	close_all((int[]){epfd, pair[0], pair[1]}, 3);
}

static void wrong(void)
{
	accepts_one();
	woken_by_more();
	int epfd = instance(), pair[2];
	socket_pair(pair);
	must(add(epfd, pair[0], EPOLLIN | EPOLLET));
	must((int)write(pair[1], "12345678", 8));
	read_edge(epfd, pair[0], 4, 1);
	for (int i = 0; i < 2; i++)
		must(epoll_wait(epfd, &event, 1, i ? 1 : LONG_MS));
	close_all((int[]){epfd, pair[0], pair[1]}, 3);
}

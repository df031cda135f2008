/* Three ways to leave something undone: edge-triggered input taken in part, a write that was cut
 * short though there is room again, a one-shot that has fired while more came. Each is begun in a
 * process of its own, for a process that has one of them is judged more mildly of the others. */
#ifndef UNFINISHED_H
#define UNFINISHED_H

#include "prepare.h"

#include <sys/timerfd.h>

enum unfinished { INPUT, OUTPUT, ONESHOT, UNFINISHED };
enum { PART = 4, WHOLE = 8 };

static char data[1 << 20];

static inline void take_part(int epfd, const int pair[2])
{
	struct epoll_event event;
	must(add(epfd, pair[0], EPOLLIN | EPOLLOUT | EPOLLET));
	must((int)write(pair[1], data, WHOLE));
	must(epoll_wait(epfd, &event, 1, -1));
	must((int)read(pair[0], data, PART));
}

static inline void send_part(int epfd, const int pair[2])
{
	must(add(epfd, pair[0], EPOLLIN));
	while (write(pair[0], data, sizeof(data)) == (ssize_t)sizeof(data))
		;
	while (read(pair[1], data, sizeof(data)) > 0)
		;
}

static inline void serve_once(int epfd, const int pair[2])
{
	struct epoll_event event;
	must(add(epfd, pair[0], EPOLLIN | EPOLLONESHOT));
	must((int)write(pair[1], data, WHOLE));
	must(epoll_wait(epfd, &event, 1, -1));
	must((int)read(pair[0], data, PART));
}

static void (*const begin[UNFINISHED])(int epfd, const int pair[2]) = {
	[INPUT] = take_part, [OUTPUT] = send_part, [ONESHOT] = serve_once};

/* go_on: what the program does with it, in the child. */
static inline void each_in_child(void (*go_on)(enum unfinished, int epfd, const int pair[2]))
{
	for (enum unfinished which = 0; which < UNFINISHED; which++) {
		int pair[2], epfd;
		if (must(fork()) != 0)
			continue;
		epfd = instance();
		socket_pair(pair);
		begin[which](epfd, pair);
		go_on(which, epfd, pair);
		exit(0);
	}
	for (int status = 0; wait(&status) > 0;)
		must(status == 0 ? 0 : -1);
}

static inline void finish(enum unfinished which, int epfd, const int pair[2])
{
	if (which == ONESHOT)
		must(modify(epfd, pair[0], EPOLLIN | EPOLLONESHOT));
	must(which == OUTPUT ? (int)write(pair[0], data, PART) : (int)read(pair[0], data, PART));
}

/* A wait without limit, which something else ends. */
static inline void wait_for_another(int epfd)
{
	struct epoll_event event;
	struct itimerspec soon = {.it_value.tv_nsec = 300000000};
	int timer = must(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK));
	must(add(epfd, timer, EPOLLIN));
	must(timerfd_settime(timer, 0, &soon, NULL));
	must(epoll_wait(epfd, &event, 1, -1));
	must((int)read(timer, data, sizeof(uint64_t)));
	must(close(timer));
}

#endif

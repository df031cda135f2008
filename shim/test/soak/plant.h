/* Misuses, planted in a process that has seen everything else by then. */
#ifndef SOAK_PLANT_H
#define SOAK_PLANT_H

#include "spinning.h"

#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

static void no_room(int epfd)
{
	struct epoll_event event;
	epoll_wait(epfd, &event, 0, 0);
}

static void exclusive_changed(int epfd)
{
	struct epoll_event event = {.events = EPOLLIN | EPOLLEXCLUSIVE};
	int fd = eventfd(0, EFD_CLOEXEC);
	epoll_ctl(epfd, EPOLL_CTL_ADD, fd, &event);
	event.events = EPOLLIN | EPOLLOUT;
	epoll_ctl(epfd, EPOLL_CTL_MOD, fd, &event);
	epoll_wait(epfd, &event, 1, 1);
	close(fd);
}

static void spins_at_the_end(int epfd)
{
	int pair[2];
	char byte;
	struct epoll_event event = {.events = EPOLLIN};
	double since = now();
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
		return;
	epoll_ctl(epfd, EPOLL_CTL_ADD, pair[0], &event);
	shutdown(pair[1], SHUT_WR);
	for (int i = 0; spinning(since, i); i++)
		if (epoll_wait(epfd, &event, 1, -1) == 1 && read(pair[0], &byte, 1) != 0)
			break;
	close(pair[0]);
	close(pair[1]);
}

static void counts_and_never_reads(int epfd)
{
	struct epoll_event event = {.events = EPOLLIN};
	double since = now();
	int fd = eventfd(1, EFD_CLOEXEC);
	epoll_ctl(epfd, EPOLL_CTL_ADD, fd, &event);
	for (int i = 0; spinning(since, i); i++)
		epoll_wait(epfd, &event, 1, -1);
	close(fd);
}

static void polls_what_is_closed(int epfd)
{
	struct pollfd fd = {.fd = dup(epfd), .events = POLLIN};
	close(fd.fd);
	for (int i = 0; i < 3; i++)
		poll(&fd, 1, -1);
}

static void watches_itself(int epfd)
{
	struct epoll_event event = {.events = EPOLLIN};
	epoll_ctl(epfd, EPOLL_CTL_ADD, epfd, &event);
}

static const struct {
	const char *rule;
	void (*misuse)(int epfd);
} planted[] = {
	{"maxevents-invalid", no_room},
	{"epollexclusive-misuse", exclusive_changed},
	{"eof-not-handled", spins_at_the_end},
	{"event-counter-not-read", counts_and_never_reads},
	{"invalid-fd-in-wait-set", polls_what_is_closed},
	{"nested-epoll-limit", watches_itself},
};

static void plant_all(void)
{
	for (unsigned i = 0; i < sizeof(planted) / sizeof(planted[0]); i++) {
		int epfd = epoll_create1(EPOLL_CLOEXEC);
		planted[i].misuse(epfd);
		close(epfd);
		printf("planted %s\n", planted[i].rule);
		fflush(stdout);
	}
}

#endif

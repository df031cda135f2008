/* What test programs need before they can begin: descriptors, registrations, connected pairs. */
#ifndef PREPARE_H
#define PREPARE_H

#include "spinning.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* A test program has no other way than to stop when its own preparations fail. */
static inline int must(int result)
{
	if (result < 0) {
		perror("preparation");
		exit(99);
	}
	return result;
}

static inline int add(int epfd, int fd, unsigned events)
{
	struct epoll_event event = {.events = events, .data.fd = fd};
	return epoll_ctl(epfd, EPOLL_CTL_ADD, fd, &event);
}

static inline int modify(int epfd, int fd, unsigned events)
{
	struct epoll_event event = {.events = events, .data.fd = fd};
	return epoll_ctl(epfd, EPOLL_CTL_MOD, fd, &event);
}

static inline int instance(void)
{
	return must(epoll_create1(EPOLL_CLOEXEC));
}

static inline void socket_pair(int pair[2])
{
	must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair));
}

/* A connected pair over loopback TCP: urgent data and resets need the real thing. */
static inline void tcp_pair(int pair[2])
{
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof(address);
	int listener = must(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
	must(bind(listener, (struct sockaddr *)&address, length));
	must(listen(listener, 1));
	must(getsockname(listener, (struct sockaddr *)&address, &length));
	pair[1] = must(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
	must(connect(pair[1], (struct sockaddr *)&address, length));
	pair[0] = must(accept(listener, NULL, NULL));
	must(close(listener));
}

#endif

/* Frame of the clean programs: patterns of well-kept software that look like misuse and are none.
 * Each says in its first comment at which level it must get no finding; where that is "warning", a
 * note is due, for what the program does is worth one. */
#ifndef CLEAN_H
#define CLEAN_H

#include "prepare.h"

#include <sys/timerfd.h>

static inline int nonblocking_listener(struct sockaddr_in *address)
{
	socklen_t length = sizeof(*address);
	int fd = must(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
	*address = (struct sockaddr_in){
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	must(bind(fd, (struct sockaddr *)address, length));
	must(listen(fd, 64));
	must(getsockname(fd, (struct sockaddr *)address, &length));
	return fd;
}

/* Clients in a process of their own: each connects, writes, may read the echo, and closes. */
static inline pid_t clients(const struct sockaddr_in *address, int count, int read_echo)
{
	pid_t child = must(fork());
	if (child)
		return child;
	for (int i = 0; i < count; i++) {
		char text[16] = "hello";
		int fd = must(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
		must(connect(fd, (const struct sockaddr *)address, sizeof(*address)));
		must((int)write(fd, text, 5));
		if (read_echo)
			must((int)read(fd, text, sizeof(text)));
		close(fd);
	}
	_exit(0);
}

static inline void wait_for(pid_t child)
{
	int status;
	must(waitpid(child, &status, 0));
	if (status != 0)
		exit(99);
}

/* From now on no descriptor is to be had but those below the limit. */
static inline void limit_descriptors(unsigned limit)
{
	struct rlimit now_and_most = {limit, limit};
	must(setrlimit(RLIMIT_NOFILE, &now_and_most));
}

static inline int register_with(int epfd, int op, int fd, unsigned events, uint64_t data)
{
	struct epoll_event event = {.events = events, .data.u64 = data};
	return epoll_ctl(epfd, op, fd, &event);
}

#endif

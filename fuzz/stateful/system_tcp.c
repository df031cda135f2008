/* Connections over the loopback interface. */
#include "system.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

/* A connection that both ends finish stays in TIME_WAIT for a minute. Its ports are taken again
 * meanwhile (SO_REUSEADDR), so that there are never more of these than pairs of ports; but not at
 * once, for its time stamps must have moved on (tcp(7), tcp_timestamps). */
enum { PORTS = 256, FIRST_PORT = 20000, LISTENERS = 32, FIRST_LISTENER = FIRST_PORT + PORTS };
enum { PATIENCE = 100, TRIES = 8 };

static atomic_uint clients;

/* 127.64.0.0/10, and in it the number of the process that began. */
static in_addr_t address = INADDR_LOOPBACK;

static struct sockaddr_in at(int port)
{
	return (struct sockaddr_in){.sin_family = AF_INET,
		.sin_port = htons((in_port_t)port),
		.sin_addr = {htonl(address)}};
}

static void set(int fd, int level, int option)
{
	int one = 1;
	bare_call(SYS_setsockopt, fd, level, option, &one, sizeof(one));
}

static bool comes(int fd, short events)
{
	struct pollfd asked = {fd, events, 0};
	while (bare.poll(&asked, 1, PATIENCE) < 0 && errno == EINTR)
		;
	return asked.revents == events;
}

/* Each write is a segment, sent at once. */
static int bound(const struct system *system, int port)
{
	struct sockaddr_in to = at(port);
	int fd = system->socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return fd;
	set(fd, SOL_SOCKET, SO_REUSEADDR);
	set(fd, IPPROTO_TCP, TCP_NODELAY);
	if (bare_call(SYS_bind, fd, &to, sizeof(to)) == 0)
		return fd;
	system->close(fd);
	return -1;
}

static bool connected(const struct system *system, int fd, const struct sockaddr_in *to)
{
	int result = system->connect(fd, (const void *)to, sizeof(*to));
	return (result == 0 || errno == EINPROGRESS) && comes(fd, POLLOUT);
}

/* Where it listens, if it does: in the stress anything may be behind the number. */
static bool listens(int fd, struct sockaddr_in *at)
{
	int accepts = 0;
	socklen_t size = sizeof(accepts), at_size = sizeof(*at);
	bare_call(SYS_getsockopt, fd, SOL_SOCKET, SO_ACCEPTCONN, &accepts, &size);
	return accepts && bare_call(SYS_getsockname, fd, at, &at_size) == 0;
}

long connect_to(const struct system *system, int listener)
{
	struct sockaddr_in to;
	if (!listens(listener, &to))
		return -1;
	for (int i = 0; i < TRIES; i++) {
		int fd = bound(system, FIRST_PORT + (int)(atomic_fetch_add(&clients, 1) % PORTS));
		if (fd < 0)
			continue;
		if (connected(system, fd, &to))
			return fd;
		system->close(fd);
	}
	errno = EADDRNOTAVAIL;
	return -1;
}

long accept_from(const struct system *system, int listener)
{
	return system->accept4(listener, NULL, NULL, SOCK_NONBLOCK);
}

long make_connection(const struct system *system)
{
	long fd = connect_to(system, GATE);
	if (fd < 0 || !comes(GATE, POLLIN))
		return -1;
	return accept_from(system, GATE) < 0 ? -1 : 0;
}

long make_listener(const struct system *system)
{
	for (int i = 0; i < LISTENERS; i++) {
		int fd = bound(system, FIRST_LISTENER + i);
		if (fd < 0)
			continue;
		if (bare_call(SYS_listen, fd, SOMAXCONN) == 0)
			return fd;
		system->close(fd);
	}
	return -1;
}

void end_abruptly(int fd)
{
	struct linger at_once = {1, 0};
	bare_call(SYS_setsockopt, fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
}

void connections_begin(void)
{
	address = (INADDR_LOOPBACK & IN_CLASSA_NET) | 0x400000 | ((in_addr_t)getpid() & 0x3fffff);
	long fd = make_listener(&bare);
	if (fd < 0 || bare_call(SYS_dup3, fd, GATE, 0) != GATE) {
		perror("stateful: listen on the loopback interface");
		abort();
	}
	bare_call(SYS_close, fd);
}

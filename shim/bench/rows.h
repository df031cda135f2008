/* What is timed: one row per table line, and what is done before and after each batch outside the
 * timed part. */
#ifndef BENCH_ROWS_H
#define BENCH_ROWS_H

#include "watched.h"
#include <sys/un.h>

/* Level-triggered, ready and unread fifty times in a row is far from what a checker may call a
 * spin; then each is read, as a correct program does. A semaphore of four thousand million stays
 * ready all the same, so a wait can be timed with its ordinary timeout, on the path that an event
 * loop takes. */
static void serve(const struct calls *c, int times)
{
	uint64_t value;
	(void)times;
	for (int i = 0; i < at.ready; i++)
		expect(c->read(at.fds[i], &value, sizeof value), sizeof value);
}

static void run_epoll_wait(const struct calls *c, int times)
{
	for (int i = 0; i < times; i++)
		expect(c->epoll_wait(at.epfd, at.events, at.maxevents, at.timeout), at.ready);
}

static void run_epoll_turn(const struct calls *c, int times)
{
	for (int i = 0; i < times; i++) {
		expect(c->epoll_wait(at.epfd, at.events, at.maxevents, at.timeout), at.ready);
		serve(c, 1);
	}
}

static void run_epoll_mod(const struct calls *c, int times)
{
	struct epoll_event event = {.events = EPOLLIN, .data.fd = at.fds[0]};
	for (int i = 0; i < times; i++)
		expect(c->epoll_ctl(at.epfd, EPOLL_CTL_MOD, at.fds[0], &event), 0);
}

static void run_epoll_add_del(const struct calls *c, int times)
{
	struct epoll_event event = {.events = EPOLLIN, .data.fd = at.spare};
	for (int i = 0; i < times; i++) {
		expect(c->epoll_ctl(at.epfd, EPOLL_CTL_ADD, at.spare, &event), 0);
		expect(c->epoll_ctl(at.epfd, EPOLL_CTL_DEL, at.spare, NULL), 0);
	}
}

static void run_poll(const struct calls *c, int times)
{
	for (int i = 0; i < times; i++)
		expect(c->poll(at.pollfds, at.watched, at.timeout), at.ready);
}

static void run_select(const struct calls *c, int times)
{
	struct timeval zero = {0, 0}, *timeout = at.timeout ? NULL : &zero;
	for (int i = 0; i < times; i++) {
		fd_set set = at.set;
		expect(c->select(at.fds[at.watched - 1] + 1, &set, NULL, NULL, timeout), at.ready);
	}
}

static void make_pipe(const struct row *row)
{
	(void)row;
	must(pipe(at.ends) == 0, "pipe");
}

static void make_socketpair(const struct row *row)
{
	(void)row;
	must(socketpair(AF_UNIX, SOCK_STREAM, 0, at.ends) == 0, "socketpair");
}

static void fill(const struct calls *c, int times)
{
	expect(c->write(at.ends[1], at.bytes, times), times);
}

static void drain(const struct calls *c, int times)
{
	expect(c->read(at.ends[0], at.bytes, times), times);
}

static void run_read(const struct calls *c, int times)
{
	for (int i = 0; i < times; i++)
		expect(c->read(at.ends[0], at.bytes, 1), 1);
}

static void run_write(const struct calls *c, int times)
{
	for (int i = 0; i < times; i++)
		expect(c->write(at.ends[1], at.bytes, 1), 1);
}

static void run_recv(const struct calls *c, int times)
{
	for (int i = 0; i < times; i++)
		expect(c->recv(at.ends[0], at.bytes, 1, 0), 1);
}

static void run_send(const struct calls *c, int times)
{
	for (int i = 0; i < times; i++)
		expect(c->send(at.ends[1], at.bytes, 1, 0), 1);
}

static void run_dup(const struct calls *c, int times)
{
	for (int i = 0; i < times; i++)
		must((at.fds[i] = c->dup(at.spare)) >= 0, "dup");
}

static void make_fresh(const struct calls *c, int times)
{
	(void)c;
	for (int i = 0; i < times; i++)
		must((at.fds[i] = eventfd(0, EFD_CLOEXEC)) >= 0, "eventfd");
}

static void run_close(const struct calls *c, int times)
{
	for (int i = 0; i < times; i++)
		expect(c->close(at.fds[i]), 0);
}

/* The other end is a process that answers each byte by libc's own calls, so only this end is
 * compared. */
static void make_echo(const struct row *row)
{
	(void)row;
	must(socketpair(AF_UNIX, SOCK_STREAM, 0, at.ends) == 0, "socketpair");
	must((at.epfd = epoll_create1(EPOLL_CLOEXEC)) >= 0, "epoll_create1");
	struct epoll_event event = {.events = EPOLLIN, .data.fd = at.ends[0]};
	must(epoll_ctl(at.epfd, EPOLL_CTL_ADD, at.ends[0], &event) == 0, "epoll_ctl");
	struct calls libc = calls_of(libc_itself());
	pid_t pid = fork();
	must(pid >= 0, "fork");
	if (pid > 0)
		return (void)close(at.ends[1]);
	libc.close(at.ends[0]);
	while (libc.read(at.ends[1], at.bytes, 1) == 1)
		libc.write(at.ends[1], at.bytes, 1);
	_exit(0);
}

static void run_echo(const struct calls *c, int times)
{
	for (int i = 0; i < times; i++) {
		expect(c->write(at.ends[0], at.bytes, 1), 1);
		expect(c->epoll_wait(at.epfd, at.events, USUAL, -1), 1);
		expect(c->read(at.ends[0], at.bytes, 1), 1);
	}
}

/* The name is unbound and abstract, chosen by the kernel: nothing to clean up, no ports to run out
 * of. */
static struct sockaddr_un listener_name;
static socklen_t listener_name_len = sizeof listener_name;

static void make_listener(const struct row *row)
{
	struct sockaddr_un automatic = {.sun_family = AF_UNIX};
	(void)row;
	must((at.listener = socket(AF_UNIX, SOCK_STREAM, 0)) >= 0, "socket");
	must(bind(at.listener, (struct sockaddr *)&automatic, sizeof(sa_family_t)) == 0, "bind");
	must(listen(at.listener, 2 * BATCH) == 0, "listen");
	must(getsockname(at.listener, (struct sockaddr *)&listener_name, &listener_name_len) == 0,
		"getsockname");
}

static void make_clients(const struct calls *c, int times)
{
	for (int i = 0; i < times; i++)
		must((at.connected[i] = c->socket(AF_UNIX, SOCK_STREAM, 0)) >= 0, "socket");
}

static void run_connect(const struct calls *c, int times)
{
	for (int i = 0; i < times; i++)
		expect(c->connect(at.connected[i], (struct sockaddr *)&listener_name,
			       listener_name_len),
			0);
}

static void run_accept(const struct calls *c, int times)
{
	for (int i = 0; i < times; i++)
		must((at.accepted[i] = c->accept4(at.listener, NULL, NULL, SOCK_CLOEXEC)) >= 0,
			"accept4");
}

static void make_connections(const struct calls *c, int times)
{
	make_clients(c, times);
	run_connect(c, times);
}

static void close_connections(const struct calls *c, int times)
{
	for (int i = 0; i < times; i++) {
		expect(c->close(at.connected[i]), 0);
		expect(c->close(at.accepted[i]), 0);
	}
}

static void accept_and_close(const struct calls *c, int times)
{
	run_accept(c, times);
	close_connections(c, times);
}

#endif

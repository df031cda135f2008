/* What is timed: one row per table line, its descriptors, and what is done before and after each
 * batch outside the timed part. */
#ifndef BENCH_ROWS_H
#define BENCH_ROWS_H

#include "calls.h"
#include <stdbool.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/un.h>

struct row {
	const char *name;
	int watched, ready, timeout; /* descriptors waited for, how many of them are ready */
	int calls, batch;            /* per block; per timed batch */
	void (*prepare)(const struct row *row);
	void (*before)(const struct calls *c, int times);
	void (*run)(const struct calls *c, int times);
	void (*after)(const struct calls *c, int times);
};

enum { MOST = 1024, USUAL = 64, BATCH = 50 };

static struct {
	int epfd, *fds, spare, ends[2], listener, watched, ready, maxevents, timeout;
	struct pollfd pollfds[MOST];
	struct epoll_event events[MOST];
	fd_set set;
	int accepted[BATCH], connected[BATCH];
	char bytes[BATCH];
} at;

static inline void expect(long got, long wanted)
{
	must(got == wanted, "the call did not return what it must");
}

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

static void allow_descriptors(rlim_t wanted)
{
	struct rlimit limit;
	must(getrlimit(RLIMIT_NOFILE, &limit) == 0, "getrlimit");
	limit.rlim_cur = wanted > limit.rlim_cur ? wanted : limit.rlim_cur;
	limit.rlim_max = wanted > limit.rlim_max ? wanted : limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) == 0)
		return;
	fprintf(stderr, "needs ulimit -Hn %llu\n", (unsigned long long)wanted);
	exit(CANNOT_HERE);
}

static void make_eventfds(const struct row *row)
{
	allow_descriptors(row->watched + 2 * BATCH);
	at.watched = row->watched;
	at.ready = row->ready;
	at.maxevents = row->ready > USUAL ? row->ready : USUAL;
	at.timeout = row->timeout;
	at.fds = calloc(row->watched + BATCH, sizeof *at.fds);
	must(at.fds != NULL, "calloc");
	for (int i = 0; i < row->watched; i++) {
		unsigned int count = i < row->ready ? UINT32_MAX : 0;
		at.fds[i] = eventfd(count, EFD_NONBLOCK | EFD_SEMAPHORE);
		must(at.fds[i] >= 0, "eventfd");
	}
	must((at.spare = eventfd(0, EFD_NONBLOCK)) >= 0, "eventfd");
}

static void watch_by_epoll(const struct row *row)
{
	make_eventfds(row);
	must((at.epfd = epoll_create1(EPOLL_CLOEXEC)) >= 0, "epoll_create1");
	for (int i = 0; i < at.watched; i++) {
		struct epoll_event event = {.events = EPOLLIN, .data.fd = at.fds[i]};
		must(epoll_ctl(at.epfd, EPOLL_CTL_ADD, at.fds[i], &event) == 0, "epoll_ctl");
	}
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

static void watch_by_poll(const struct row *row)
{
	make_eventfds(row);
	for (int i = 0; i < at.watched; i++)
		at.pollfds[i] = (struct pollfd){.fd = at.fds[i], .events = POLLIN};
}

static void run_poll(const struct calls *c, int times)
{
	for (int i = 0; i < times; i++)
		expect(c->poll(at.pollfds, at.watched, at.timeout), at.ready);
}

static void watch_by_select(const struct row *row)
{
	make_eventfds(row);
	for (int i = 0; i < at.watched; i++)
		FD_SET(at.fds[i], &at.set);
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

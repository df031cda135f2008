/* What is waited for: the descriptors of a row and where they are registered. */
#ifndef BENCH_WATCHED_H
#define BENCH_WATCHED_H

#include "calls.h"
#include "limits.h"
#include <stdbool.h>
#include <sys/eventfd.h>

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
/* Descriptors: what else is opened, instances too; and how few make those no more than that. */
enum { RESERVE = 4 * BATCH, FEWEST = 4096 };

static struct {
	int epfd, *fds, spare, ends[2], listener, watched, ready, maxevents, timeout;
	int registrations, instances; /* of the `watched` descriptors, together */
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

static void make_some(const struct row *row, int count)
{
	at.watched = count;
	at.ready = row->ready;
	at.maxevents = row->ready > USUAL ? row->ready : USUAL;
	at.timeout = row->timeout;
	at.fds = calloc(count + BATCH, sizeof *at.fds);
	must(at.fds != NULL, "calloc");
	for (int i = 0; i < count; i++) {
		unsigned int units = i < row->ready ? UINT32_MAX : 0;
		at.fds[i] = eventfd(units, EFD_NONBLOCK | EFD_SEMAPHORE);
		must(at.fds[i] >= 0, "eventfd");
	}
	must((at.spare = eventfd(0, EFD_NONBLOCK)) >= 0, "eventfd");
}

static void make_eventfds(const struct row *row)
{
	need_descriptors(row->watched + RESERVE);
	make_some(row, row->watched);
}

/* How many descriptors are to hold the row's registrations: all, or what may be open. */
static int affordable(const struct row *row)
{
	long wanted = row->watched + RESERVE, allowed = allow_descriptors(wanted);
	if (allowed >= wanted)
		return row->watched;
	need_descriptors(wanted < FEWEST ? wanted : FEWEST);
	return allowed - RESERVE;
}

static int watching(const int *fds, int count)
{
	int epfd = epoll_create1(EPOLL_CLOEXEC);
	must(epfd >= 0, "epoll_create1");
	for (int i = 0; i < count; i++) {
		struct epoll_event event = {.events = EPOLLIN, .data.fd = fds[i]};
		int added = epoll_ctl(epfd, EPOLL_CTL_ADD, fds[i], &event);
		if (added != 0 && errno == ENOSPC)
			cannot_here("fs.epoll.max_user_watches", at.registrations);
		must(added == 0, "epoll_ctl");
	}
	return epfd;
}

/* Where too few descriptors may be open, other instances watch them too, until there are as many
 * registrations. The descriptors that are ready, or changed, are only in the instance waited for,
 * for one becoming ready tells all its instances; and that instance is filled last, since a shadow
 * may lead from a descriptor to its last registration. So the call has no more to do than with a
 * single instance, beside as many registrations. */
static void watch_by_epoll(const struct row *row)
{
	make_some(row, affordable(row));
	int own = at.ready ? at.ready : 1, most = at.watched - own;
	at.instances = 1;
	at.registrations = row->watched;
	for (int left = row->watched - at.watched; left > 0; left -= most, at.instances++)
		watching(at.fds + own, left < most ? left : most);
	at.epfd = watching(at.fds, at.watched);
}

static void watch_by_poll(const struct row *row)
{
	make_eventfds(row);
	for (int i = 0; i < at.watched; i++)
		at.pollfds[i] = (struct pollfd){.fd = at.fds[i], .events = POLLIN};
}

static void watch_by_select(const struct row *row)
{
	make_eventfds(row);
	for (int i = 0; i < at.watched; i++)
		FD_SET(at.fds[i], &at.set);
}

#endif

/* What waits return: counts wake-ups, and looks closely at arguments now and then. */
#include "judge.h"

#include "batch.h"
#include "fetch.h"
#include "ghosts.h"
#include "idle.h"
#include "process.h"
#include "refetch.h"
#include "sets.h"
#include "stack.h"
#include "stalls.h"
#include "streams.h"

/* Timeout 0 is a probe, and a loop of probes is busy by design. select(2) writes the rest back. */
static bool only_probed(const struct call *c)
{
	if (c->unit == MILLISECONDS)
		return c->milliseconds == 0;
	if (!c->timeout)
		return false;
	struct timeout t = timeout_in(c, c->timeout);
	return t.seconds == 0 && t.fraction == 0;
}

static inline __attribute__((always_inline)) void returned(
	struct call *c, int fd, struct fd_record *r, uint32_t mask, uint16_t batch)
{
	if (unlikely(!r || !fd_alive(r)))
		r = fd_seen(fd);
	if (unlikely(!r))
		return;
	if (unlikely(fd == 0 || (GET(r->flags) & FD_STDIO)))
		stream_reported(c, fd);
	wakeup(c, fd, r, mask);
	PUT(r->batch, batch);
}

void judge_poll_entries(struct call *c, const struct pollfd *fds)
{
	int64_t left = c->result;
	bool probe = only_probed(c);
	uint16_t batch = batch_begins(c);
	int invalid = 0;
	for (int64_t i = 0; left && i < c->nfds; i++) {
		if (!fds[i].revents)
			continue;
		left--;
		if (unlikely(fds[i].revents & POLLNVAL)) {
			KEEP_ERRNO;
			/* a probe asks just that; one call with two entries is one mistake */
			if (!probe && !invalid++)
				judge_invalid(c, fds[i].fd);
		} else if (!probe) {
			returned(c, fds[i].fd, fd_find(fds[i].fd), (uint16_t)fds[i].revents, batch);
		}
	}
}

void judge_select_sets(struct call *c)
{
	struct set_walk walk = set_walk_begins(c);
	bool probe = only_probed(c);
	uint16_t batch = batch_begins(c);
	uint32_t mask;
	for (int fd; !probe && set_next(c, &walk, &fd, &mask);)
		returned(c, fd, fd_find(fd), mask, batch);
}

/* Edge-triggered events tell of changes: coming again without progress is what they are for. */
static void edge_reported(
	const struct call *c, int fd, struct fd_record *r, uint32_t mask, uint16_t batch)
{
	if (unlikely(!r))
		return;
	PUT(r->mask, (uint16_t)mask);
	PUT(r->batch, batch);
	if (!(mask & EPOLLIN))
		return;
	if (unlikely(GET(r->edge) & EDGE_SUSPECT))
		stall_edge_again(c, fd, r);
	PUT(r->edge, EDGE_OPEN);
}

static void delivered(struct call *c, uint16_t instance, const struct epoll_event *event,
	bool probe, uint16_t batch)
{
	int fd;
	struct fd_record *r;
	struct registration *g = interest_by_data(instance, event->data.u64, &fd, &r);
	if (unlikely(!g)) {
		if (GET(ghosts_proven))
			ghost_delivered(c, instance, event);
		return;
	}
	uint32_t asked = GET(g->events);
	if (asked & EPOLLONESHOT) {
		PUT(g->disarmed, 1);
		stall_oneshot_fired();
	}
	if (asked & EPOLLET) {
		if (!(asked & EPOLLONESHOT)) /* arming it anew reports what is there */
			edge_reported(c, fd, r, event->events, batch);
	} else if (!probe) {
		returned(c, fd, r, event->events, batch);
	} else {
		refetched(c, fd, event);
	}
}

void judge_epoll_events(struct call *c, const struct epoll_event *events)
{
	uint16_t instance = interest_instance(c->epfd, true);
	bool probe = only_probed(c);
	uint16_t batch = batch_begins(c);
	for (int64_t i = 0; instance && i < c->result; i++)
		delivered(c, instance, &events[i], probe, batch);
}

void judge_empty(struct call *c)
{
	if (batch_stale())
		batch_over();
	if (c->result < 0) {
		judge_failed(c);
		return;
	}
	if (unlikely(self.waiting))
		waiting_expired(c);
	idle_wait(c); /* last, so that it is jumped to: no frame for an empty wait */
}

bool judge_in_sight(int fd, const struct fd_record *r)
{
	return !fd_is_shared(r) && !fd_reads_hidden(fd, r) && !process_unwatched_count(IO_URING);
}

/* select(2) names ready what poll tells apart: its readfds are POLLIN, POLLHUP and POLLERR. */
static uint32_t mask_by_poll(const struct call *c, int fd, uint32_t mask)
{
	struct pollfd p = {.fd = fd, .events = (short)mask};
	struct timespec none = {0, 0};
	bool is_select = c->sets[0] || c->sets[1] || c->sets[2];
	if (!is_select || !may_make_system_calls() || SYSTEM(ppoll, &p, 1ul, &none, NULL, 0ul) != 1)
		return mask;
	return (uint16_t)p.revents;
}

void judge_run(const struct call *c, int fd, struct fd_record *r, uint32_t run, uint64_t lasted_us,
	bool declared_idle)
{
	struct evidence e = evidence_for(fd, c->epfd);
	e.run = run;
	e.lasted_us = lasted_us;
	e.declared_idle = declared_idle;
	e.mask = GET(r->run_mask);
	enum fd_kind kind = fd_kind(fd);
	bool file = kind == FD_REGULAR || kind == FD_DIRECTORY || kind == FD_DEVICE;
	if ((!file && !fd_kind_visible(kind)) || !judge_in_sight(fd, r))
		return;
	e.mask = mask_by_poll(c, fd, e.mask);
	if (!judge(file ? WHEN_FILE : WHEN_RUN, c, &e))
		PUT(r->run, 0); /* the kernel disagrees, or no rule knows this one */
}

/* --- timeouts, sets and sizes out of the ordinary --- */

void judge_limit(struct call *c)
{
	KEEP_ERRNO;
	struct evidence e = evidence_for(-1, c->epfd);
	e.confirmed_by = "argument";
	judge(WHEN_LIMIT, c, &e);
}

void judge_asked(struct call *c, struct asked *asked)
{
	bool due = site_selects(site_of(c->site)), awaited = select_awaited(c);
	if (!GET(recording) && !due && !awaited) /* log and trace have every call's sets */
		return;
	KEEP_ERRNO;
	if (awaited)
		self.select_site = NULL;
	asked->awaited = awaited;
	asked->sampled = due || awaited;
	asked->pending = false;
	fetch_asked(c, asked);
	c->asked = asked;
	if (asked->sampled)
		sets_asked(c);
}

void judge_sampled(struct call *c)
{
	if (!c->asked->sampled)
		return;
	KEEP_ERRNO;
	struct evidence e = evidence_for(-1, -1);
	e.confirmed_by = "argument";
	judge(WHEN_ASKED, c, &e);
	sets_left(c);
	timeval_left(c);
}

void judge_fdelt(long number, enum call_id id, const void *site)
{
	KEEP_ERRNO;
	struct call c = {.id = id, .site = site, .epfd = -1, .fd = (int)number, .result = NOT_MADE};
	struct evidence e = {
		.fd = (int)number, .epfd = -1, .n = number, .confirmed_by = "argument"};
	e.record = number < 0 ? NULL : fd_find((int)number);
	judge(WHEN_FDELT, &c, &e);
}

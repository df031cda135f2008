/* Descriptors that end, and those that should have: close and exec. */
#include "judge.h"

#include "batch.h"
#include "leaks.h"
#include "process.h"

/* --- close --- */

static struct call closing_call(int fd, enum call_id id, const void *site)
{
	return (struct call){.id = id, .site = site, .epfd = -1, .fd = fd};
}

/* Only where data is memory: a number tells its receiver that it is old, and a one-shot was handed
 * on by intent. */
static bool data_is_memory(const struct registration *registration, int fd)
{
	struct registration *g = (struct registration *)registration;
	uint64_t data = g ? GET(g->data) : 0;
	return data > UINT16_MAX && (int32_t)data != fd && !(GET(g->events) & EPOLLONESHOT);
}

static void taken_away(const struct call *c, const struct fd_record *record)
{
	struct fd_record *r = (struct fd_record *)record;
	uint32_t thread = batch_elsewhere(r);
	struct registration *g = fd_registration(r);
	if (!thread || !data_is_memory(g, c->fd))
		return;
	struct evidence e = evidence_for(c->fd, c->epfd);
	e.registration = g;
	e.n = process_tid(thread);
	e.mask = GET(r->mask);
	judge(WHEN_TAKEN, c, &e);
}

void judge_removed(const struct call *c, const struct fd_record *r)
{
	KEEP_ERRNO;
	taken_away(c, r);
}

void judge_closing(int fd, struct fd_record *r, enum call_id id, const void *site)
{
	KEEP_ERRNO;
	batch_closing(fd, r, site);
	taken_away(&(struct call){.id = id, .site = site, .epfd = -1, .fd = fd}, r);
	if (GET(r->attention) != EVENT_DELIVERED || !(GET(r->mask) & (POLLHUP | POLLRDHUP)))
		return;
	struct call c = closing_call(fd, id, site);
	struct evidence e = evidence_for(fd, -1);
	e.mask = GET(r->mask);
	judge(WHEN_CLOSE, &c, &e);
}

void judge_waited(int fd, enum call_id id, const void *site)
{
	KEEP_ERRNO;
	struct waiter waiter;
	if (!waiting_for(fd, &waiter))
		return;
	struct call c = closing_call(fd, id, site);
	struct evidence e = evidence_for(fd, -1);
	e.waiter = &waiter;
	e.confirmed_by = "/proc/self/task";
	judge(WHEN_WAITED, &c, &e);
}

static bool closed_likewise(int fd, struct fd_record *r)
{
	struct fd_record *other = fd_find(fd);
	return other && (GET(other->state) & 3) == FD_CLOSED &&
	       GET(other->closed_site) == GET(r->closed_site);
}

/* Programs that close all numbers in a row, as before exec, are told by the number before this one:
 * it was not open either, or was closed by the same loop; or both were so the time before. */
static bool closes_in_a_row(int fd, struct fd_record *r, const void *site)
{
	bool next = self.closed_last == fd - 1 || self.closed_last == fd + 1;
	bool row = next && (!self.closed_last_site || self.closed_last_site == site);
	return row || closed_likewise(fd - 1, r) || closed_likewise(fd + 1, r);
}

void judge_not_closed(int fd, enum call_id id, const void *site)
{
	struct fd_record *r = fd_find(fd);
	KEEP_ERRNO;
	if (!r) {
		struct call c = closing_call(fd, id, site);
		c.result = -1;
		c.error = EBADF;
		judge_misread(&c);
	}
	if (!r || (GET(r->state) & 3) != FD_CLOSED || !GET(r->closed_site) ||
		process_is_forked_child() || closes_in_a_row(fd, r, site))
		return;
	struct call c = closing_call(fd, id, site);
	struct evidence e = evidence_for(fd, -1);
	c.result = -1;
	c.error = EBADF;
	e.confirmed_by = "return value";
	judge(WHEN_TWICE, &c, &e);
}

/* --- exec --- */

void judge_exec(const void *site, enum call_id id)
{
	struct call c = {.id = id, .site = site, .epfd = -1, .fd = -1};
	for (int fd = 0; fd <= fd_highest(); fd++) {
		struct fd_record *r = fd_find(fd);
		if (!leaks(fd, r))
			continue;
		struct evidence e = evidence_for(fd, -1);
		e.why = fd_kind_name((enum fd_kind)GET(r->kind));
		e.confirmed_by = "fcntl";
		judge(WHEN_EXEC, &c, &e);
	}
}

/* Failures and changes of interest lists: keeps the shadow and asks the rules where there is cause.
 */
#include "judge.h"

#include "config.h"
#include "fetch.h"
#include "ghosts.h"
#include "interrupted.h"
#include "leaks.h"
#include "process.h"
#include "report.h"
#include "stack.h"
#include "stalls.h"

/* --- failures --- */

enum { ERRORS_IN_A_ROW = 8, ERRORS_WITHIN_MS = 100 };

static bool is_wait(const struct call *c)
{
	return c->unit != NO_TIMEOUT;
}

static void count_failure(struct call *c)
{
	uint64_t now = process_now();
	if (self.error_site != c->site || self.error_seen != c->error ||
		now - self.error_since > ERRORS_WITHIN_MS * 1000000u) {
		self.error_site = c->site;
		self.error_seen = c->error;
		self.error_since = now;
		self.error_run = 0;
	}
	if (++self.error_run < ERRORS_IN_A_ROW)
		return;
	self.error_run = 0;
	struct evidence e = evidence_for(-1, c->epfd);
	e.n = ERRORS_IN_A_ROW;
	e.confirmed_by = "return value";
	judge(WHEN_ERRORS, c, &e);
}

static void remember_refused_ctl(const struct call *c)
{
	/* EPERM tells a file epoll cannot watch, and a failed DEL leaves nothing unwatched. */
	self.ctl_failed = c->op != EPOLL_CTL_DEL && c->error != EPERM && c->fd >= 0 &&
			  fetch(&self.ctl_event, c->array, sizeof(self.ctl_event));
	self.ctl_epfd = c->epfd;
	self.ctl_fd = c->fd;
	self.ctl_op = c->op;
	self.ctl_error = c->error;
	self.ctl_site = c->site;
	self.ctl_stack = site_with_caller(c->site, c->frame);
}

void judge_invalid(struct call *c, int fd)
{
	struct fd_record *r = fd_claim(fd);
	struct evidence e = evidence_for(fd, -1);
	if (!r)
		return;
	uint32_t times = GET(r->invalid) + 1;
	PUT(r->invalid, (uint8_t)(times < 255 ? times : 255));
	e.record = r;
	e.mask = POLLNVAL;
	judge(WHEN_INVALID, c, &e);
}

/* select says only that some descriptor is not open: which, the sets and fcntl(2) tell. */
static bool find_invalid(struct call *c)
{
	unsigned long word;
	bool found = false;
	if (c->error != EBADF || !(c->sets[0] || c->sets[1] || c->sets[2]) ||
		!may_make_system_calls())
		return false;
	for (int64_t bit = 0; bit < c->nfds && bit < FD_SETSIZE; bit++) {
		for (int i = 0; i < 3; i++) {
			if (!c->sets[i] ||
				!fetch(&word, (const long *)c->sets[i] + bit / SET_WORD,
					sizeof(word)) ||
				!(word >> (bit % SET_WORD) & 1) ||
				SYSTEM(fcntl, (long)bit, (long)F_GETFD) >= 0)
				continue;
			judge_invalid(c, (int)bit);
			found = true;
			break;
		}
	}
	return found;
}

void judge_failed(struct call *c)
{
	KEEP_ERRNO;
	c->error = errno;
	if (c->error == EINTR)
		interrupted(c);
	if (c->error == EINTR || c->error == EFAULT)
		return;
	struct evidence e = evidence_for(c->fd, c->epfd);
	e.confirmed_by = "return value";
	bool misread = c->id == CALL_epoll_ctl && c->error == EBADF && judge_misread(c);
	bool explained = misread || judge(WHEN_FAILED, c, &e) || find_invalid(c);
	if (c->id == CALL_epoll_ctl && !explained)
		remember_refused_ctl(c);
	if (is_wait(c) && !explained)
		count_failure(c);
}

/* --- epoll_ctl --- */

enum { CTL_CALLS = 10000 };

/* Said of a call that changes nothing, for its stack shows where the others come from. */
static void look_at_changes(const struct call *c, bool idle)
{
	bool most = self.ctl_idle > self.ctl_calls / 2;
	if (most && !idle)
		return; /* until the next one that changes nothing */
	if (most) {
		KEEP_ERRNO;
		struct evidence e = evidence_for(c->fd, c->epfd);
		e.n = self.ctl_idle;
		e.m = self.ctl_calls;
		e.confirmed_by = "count";
		judge(WHEN_IDLE_CTL, c, &e);
	}
	self.ctl_calls = self.ctl_idle = 0;
}

static inline void count_change(const struct call *c, bool idle)
{
	if (idle)
		self.ctl_idle++;
	if (unlikely(++self.ctl_calls >= CTL_CALLS))
		look_at_changes(c, idle);
}

/* A one-shot is armed, and an edge raised anew, by the mask it has already (epoll(7)). */
static bool same_mask(const struct registration *registration, uint32_t events)
{
	struct registration *g = (struct registration *)registration;
	return g && GET(g->events) == events && !(events & (EPOLLET | EPOLLONESHOT));
}

/* A listener taken off and put back at once is still starved; the pace tells who pauses in between.
 */
static void change_serves(const struct call *c, struct fd_record *r, bool same)
{
	if (GET(r->attention) && !same && !(GET(r->evidence) & ACCEPT_FULL))
		wakeups_served(r);
	if (GET(r->edge))
		stall_edge_over(c->fd, r); /* epoll_ctl looks anew, and reports what is there */
}

static void judge_change(const struct call *c, enum when when, const char *confirmed_by)
{
	KEEP_ERRNO;
	struct evidence e = evidence_for(c->fd, c->epfd);
	e.confirmed_by = confirmed_by;
	judge(when, c, &e);
}

static inline void judge_wanted(const struct call *c, const struct wanted *wanted)
{
	const uint32_t ordinary = EPOLLIN | EPOLLOUT | EPOLLPRI | EPOLLRDHUP | EPOLLET |
				  EPOLLONESHOT | EPOLLEXCLUSIVE | EPOLLWAKEUP;
	if (unlikely(wanted->data >> 32))
		judge_datum(c, wanted->data);
	if (unlikely(wanted->events & ~ordinary))
		judge_change(c, WHEN_CTL, "argument");
}

static inline void change_made(const struct call *c, struct change *change, struct fd_record *r)
{
	const struct epoll_event *event = c->array; /* the kernel read it just now */
	struct wanted wanted = {0};
	bool same = false, idle = false;
	if (likely(c->op != EPOLL_CTL_DEL)) {
		wanted = (struct wanted){event->data.u64, event->events};
		same = same_mask(change->registration, wanted.events);
		idle = same && c->op == EPOLL_CTL_MOD &&
		       GET(change->registration->data) == wanted.data;
	} else if (r && (GET(r->attention) || GET(r->edge))) {
		judge_removed(c, r);
	}
	interest_done(change, c, &wanted);
	count_change(c, idle);
	judge_wanted(c, &wanted);
	if (unlikely(r && fd_attended(r)))
		change_serves(c, r, same);
}

void judge_ctl(struct call *c, struct change *change)
{
	struct fd_record *r = change->record;
	if (unlikely(self.ctl_failed && self.ctl_fd == c->fd && self.ctl_epfd == c->epfd))
		self.ctl_failed = false;
	if (unlikely(c->result != 0)) {
		c->error = errno;
		interest_done(change, c, &(struct wanted){0});
		count_change(c, false);
		return;
	}
	change_made(c, change, r);
	if (unlikely(change->fired && c->op == EPOLL_CTL_MOD))
		stall_rearmed();
	if (unlikely(process_is_forked_child() && interest_inherited(change->instance)))
		judge_change(c, WHEN_INHERITED, NULL);
	if (unlikely(c->op == EPOLL_CTL_ADD && r && GET(r->kind) == FD_EPOLL))
		judge_change(c, WHEN_PARENTS, NULL);
}

void judge_begin(struct call *c)
{
	KEEP_ERRNO;
	if (self.interrupted)
		interrupted_before(c);
	if (GET(ghosts_suspected) && c->epfd >= 0)
		ghosts_judge(c);
	if (GET(leaks_suspected))
		leaks_judge(c);
	if (GET(stalls_suspected))
		stall_wait_begins(c);
	if (!self.ctl_failed || self.ctl_epfd != c->epfd)
		return;
	struct call failed = {.id = CALL_epoll_ctl,
		.site = self.ctl_site,
		.epfd = self.ctl_epfd,
		.op = self.ctl_op,
		.fd = self.ctl_fd,
		.array = &self.ctl_event,
		.result = -1,
		.error = self.ctl_error};
	struct evidence e = evidence_for(self.ctl_fd, c->epfd);
	e.past = self.ctl_stack;
	e.confirmed_by = "return value";
	judge(WHEN_WAIT, &failed, &e);
	self.ctl_failed = false;
}

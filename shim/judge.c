/* After each judged call: keeps the shadow, counts wake-ups, and asks the rules where there is
 * cause. */
#include "judge.h"

#include "config.h"
#include "fetch.h"
#include "ghosts.h"
#include "process.h"
#include "report.h"
#include "stack.h"

static struct evidence evidence_of(int fd, int epfd)
{
	struct evidence e = {.fd = fd, .epfd = epfd, .record = fd < 0 ? NULL : fd_find(fd)};
	if (epfd >= 0 && fd >= 0)
		e.registration = interest_of(interest_instance(epfd, false), fd);
	return e;
}

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
	struct evidence e = evidence_of(-1, c->epfd);
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
}

static void invalid(struct call *c, int fd)
{
	struct fd_record *r = fd_claim(fd);
	struct evidence e = evidence_of(fd, -1);
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
			if (!fetch(&word, (const long *)c->sets[i] + bit / SET_WORD,
				    sizeof(word)) ||
				!(word >> (bit % SET_WORD) & 1) ||
				SYSTEM(fcntl, (long)bit, (long)F_GETFD) >= 0)
				continue;
			invalid(c, (int)bit);
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
	if (c->error == EINTR || c->error == EFAULT)
		return;
	struct evidence e = evidence_of(c->fd, c->epfd);
	e.confirmed_by = "return value";
	bool explained = judge(WHEN_FAILED, c, &e) || find_invalid(c);
	if (c->id == CALL_epoll_ctl && !explained)
		remember_refused_ctl(c);
	if (is_wait(c) && !explained)
		count_failure(c);
}

/* --- epoll_ctl --- */

void judge_ctl(struct call *c, struct change change)
{
	struct epoll_event event = {0};
	struct fd_record *r = fd_find(c->fd);
	bool same = false;
	if (c->result == 0 && c->op != EPOLL_CTL_DEL) {
		event = *(const struct epoll_event *)c->array; /* the kernel read it just now */
		same = change.registration && GET(change.registration->events) == event.events &&
		       !(event.events & (EPOLLET | EPOLLONESHOT));
	} else if (c->result != 0) {
		c->error = errno;
	}
	if (unlikely(self.ctl_failed && self.ctl_fd == c->fd && self.ctl_epfd == c->epfd))
		self.ctl_failed = false;
	interest_done(change, c, &event);
	if (c->result == 0 && r && GET(r->attention) && !same)
		wakeups_served(r);
	if (unlikely(c->result == 0 && process_is_forked_child() &&
		     interest_inherited(change.instance))) {
		KEEP_ERRNO;
		struct evidence e = evidence_of(c->fd, c->epfd);
		judge(WHEN_INHERITED, c, &e);
	}
	const uint32_t ordinary = EPOLLIN | EPOLLOUT | EPOLLPRI | EPOLLRDHUP | EPOLLET |
				  EPOLLONESHOT | EPOLLEXCLUSIVE | EPOLLWAKEUP;
	if (unlikely(event.events & ~ordinary)) {
		KEEP_ERRNO;
		struct evidence e = evidence_of(c->fd, c->epfd);
		e.confirmed_by = "argument";
		judge(WHEN_CTL, c, &e);
	}
}

void judge_begin(struct call *c)
{
	KEEP_ERRNO;
	if (GET(ghosts_suspected) && c->epfd >= 0)
		ghosts_judge(c);
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
	struct evidence e = evidence_of(self.ctl_fd, c->epfd);
	e.past = true;
	judge(WHEN_WAIT, &failed, &e);
	self.ctl_failed = false;
}

/* --- what waits return --- */

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

static void returned(struct call *c, int fd, uint32_t mask)
{
	struct fd_record *r = fd_find(fd);
	if (unlikely(!r || !fd_alive(r)))
		r = fd_seen(fd);
	if (likely(r != NULL))
		wakeup(c, fd, r, mask);
}

void judge_poll_entries(struct call *c, const struct pollfd *fds)
{
	int64_t left = c->result;
	bool probe = only_probed(c);
	for (int64_t i = 0; left && i < c->nfds; i++) {
		if (!fds[i].revents)
			continue;
		left--;
		if (unlikely(fds[i].revents & POLLNVAL)) {
			KEEP_ERRNO;
			invalid(c, fds[i].fd);
		} else if (!probe) {
			returned(c, fds[i].fd, (uint16_t)fds[i].revents);
		}
	}
}

static unsigned long word_of(const fd_set *set, int64_t word)
{
	return set ? ((const unsigned long *)(const void *)set)[word] : 0;
}

/* The kernel may have looked at fewer words than nfds says (its table's size): the count of bits
 * tells where to stop reading. */
void judge_select_sets(struct call *c)
{
	static const uint32_t bits[3] = {POLLIN, POLLOUT, POLLPRI};
	int64_t left = c->result;
	bool probe = only_probed(c);
	for (int64_t word = 0; left > 0 && word * SET_WORD < c->nfds; word++) {
		unsigned long sets[3], all = 0;
		for (int i = 0; i < 3; i++) {
			sets[i] = word_of(c->sets[i], word);
			all |= sets[i];
			left -= __builtin_popcountl(sets[i]);
		}
		for (; all && !probe; all &= all - 1) {
			int bit = __builtin_ctzl(all);
			uint32_t mask = 0;
			for (int i = 0; i < 3; i++)
				mask |= sets[i] >> bit & 1 ? bits[i] : 0;
			returned(c, (int)(word * SET_WORD) + bit, mask);
		}
	}
}

static void delivered(
	struct call *c, uint16_t instance, const struct epoll_event *event, bool probe)
{
	int fd;
	struct registration *g = interest_by_data(instance, event->data.u64, &fd);
	if (!g)
		return;
	uint32_t asked = GET(g->events);
	if (asked & EPOLLONESHOT)
		PUT(g->disarmed, 1);
	/* Edge-triggered events tell of changes: coming again without progress is what they are
	 * for. */
	if (!probe && !(asked & EPOLLET))
		returned(c, fd, event->events);
}

void judge_epoll_events(struct call *c, const struct epoll_event *events)
{
	uint16_t instance = interest_instance(c->epfd, true);
	bool probe = only_probed(c);
	for (int64_t i = 0; instance && i < c->result; i++)
		delivered(c, instance, &events[i], probe);
}

void judge_run(const struct call *c, int fd, struct fd_record *r, uint32_t run, uint64_t lasted_us)
{
	struct evidence e = evidence_of(fd, c->epfd);
	e.run = run;
	e.lasted_us = lasted_us;
	e.mask = GET(r->run_mask);
	enum fd_kind kind = fd_kind(fd);
	bool file = kind == FD_REGULAR || kind == FD_DIRECTORY || kind == FD_DEVICE;
	if ((!file && !fd_kind_visible(kind)) || fd_reads_hidden(fd, r) ||
		process_unwatched_count(IO_URING))
		return;
	if (!judge(file ? WHEN_FILE : WHEN_RUN, c, &e))
		PUT(r->run, 0); /* the kernel disagrees, or no rule knows this one */
}

/* --- timeouts, sets and sizes out of the ordinary --- */

void judge_limit(struct call *c)
{
	KEEP_ERRNO;
	struct evidence e = evidence_of(-1, c->epfd);
	e.confirmed_by = "argument";
	judge(WHEN_LIMIT, c, &e);
}

void judge_asked(struct call *c, struct asked *asked)
{
	if (!config.log && !site_due(site_of(c->site))) /* the log shows every call's sets */
		return;
	KEEP_ERRNO;
	size_t bytes = sizeof(asked->sets[0]);
	for (int i = 0; i < 3; i++)
		asked->set_known[i] = fetch(asked->sets[i], c->sets[i], bytes);
	asked->timeout_known = c->unit == TIMEVAL && fetch_timeout(c, &asked->timeout);
	c->asked = asked;
}

void judge_sampled(struct call *c)
{
	KEEP_ERRNO;
	struct evidence e = evidence_of(-1, -1);
	e.confirmed_by = "argument";
	judge(WHEN_ASKED, c, &e);
}

void judge_fdelt(long number, enum call_id id, const void *site)
{
	KEEP_ERRNO;
	struct call c = {.id = id, .site = site, .epfd = -1, .fd = (int)number, .result = -1};
	struct evidence e = {
		.fd = (int)number, .epfd = -1, .n = number, .confirmed_by = "argument"};
	e.record = number < 0 ? NULL : fd_find((int)number);
	judge(WHEN_FDELT, &c, &e);
}

/* --- close --- */

static struct call closing_call(int fd, enum call_id id, const void *site)
{
	return (struct call){.id = id, .site = site, .epfd = -1, .fd = fd};
}

void judge_closing(int fd, struct fd_record *r, enum call_id id, const void *site)
{
	if (!(GET(r->mask) & (POLLHUP | POLLRDHUP)))
		return;
	KEEP_ERRNO;
	struct call c = closing_call(fd, id, site);
	struct evidence e = evidence_of(fd, -1);
	e.mask = GET(r->mask);
	judge(WHEN_CLOSE, &c, &e);
}

/* Programs that close all numbers in a row, as before exec, are told by the number before this one.
 */
static bool closes_in_a_row(int fd)
{
	static __thread int last __attribute__((tls_model("initial-exec")));
	struct fd_record *before = fd_find(fd - 1), *behind = fd_find(fd + 1), *r = fd_find(fd);
	bool row = last == fd - 1 || last == fd + 1;
	last = fd;
	return row || !r || (before && GET(before->closed_site) == GET(r->closed_site)) ||
	       (behind && GET(behind->closed_site) == GET(r->closed_site));
}

void judge_not_closed(int fd, enum call_id id, const void *site)
{
	struct fd_record *r = fd_find(fd);
	KEEP_ERRNO;
	if (!r || (GET(r->state) & 3) != FD_CLOSED || !GET(r->closed_site) ||
		process_is_forked_child() || closes_in_a_row(fd))
		return;
	struct call c = closing_call(fd, id, site);
	struct evidence e = evidence_of(fd, -1);
	c.result = -1;
	c.error = EBADF;
	e.confirmed_by = "return value";
	judge(WHEN_TWICE, &c, &e);
}

/* --- exec --- */

static const char *leaking_kind(uint8_t kind)
{
	return kind == FD_EPOLL      ? "epoll instance"
	       : kind == FD_EVENTFD  ? "eventfd"
	       : kind == FD_TIMERFD  ? "timerfd"
	       : kind == FD_SIGNALFD ? "signalfd"
				     : NULL;
}

void judge_exec(const void *site, enum call_id id, bool certain)
{
	struct call c = {.id = id, .site = site, .epfd = -1, .fd = -1};
	for (int fd = 0; fd <= fd_highest(); fd++) {
		struct fd_record *r = fd_find(fd);
		const char *kind = r && fd_alive(r) ? leaking_kind(GET(r->kind)) : NULL;
		if (!kind || (GET(r->flags) & FD_CLOSE_ON_EXEC) ||
			!(GET(r->flags) & FD_BIRTH_SEEN) || !may_make_system_calls() ||
			SYSTEM(fcntl, (long)fd, (long)F_GETFD) != 0)
			continue;
		struct evidence e = evidence_of(fd, -1);
		e.why = kind;
		e.confirmed_by = "fcntl";
		if (!certain) /* file actions may close it yet */
			continue;
		judge(WHEN_EXEC, &c, &e);
	}
}

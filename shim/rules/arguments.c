/* Rules about arguments that are wrong by themselves. */
#include "fetch.h"
#include "process.h"
#include "rules.h"
#include "stack.h"

#include <limits.h>

static bool is_wait(const struct call *c)
{
	const char *roles = calls[c->id].roles;
	return roles[0] == EPFD[0] && roles[1] == EVENTS[0];
}

static bool is_poll(const struct call *c)
{
	return calls[c->id].roles[0] == FDS[0];
}

/* Taking -1 off a list while tearing down is untidy, and all there is to it. */
bool rule_negative_fd(const struct call *c, struct evidence *e)
{
	if (c->op == EPOLL_CTL_DEL)
		e->severity = NOTE;
	return c->id == CALL_epoll_ctl && c->fd < 0 && c->error == EBADF;
}

bool rule_epollexclusive(const struct call *c, struct evidence *e)
{
	const uint32_t allowed =
		EPOLLIN | EPOLLOUT | EPOLLERR | EPOLLHUP | EPOLLWAKEUP | EPOLLET | EPOLLEXCLUSIVE;
	struct epoll_event event;
	if (c->id != CALL_epoll_ctl || c->error != EINVAL || c->epfd == c->fd ||
		!fetch(&event, c->array, sizeof(event)))
		return false;
	struct registration *g = interest_of(interest_instance(c->epfd, false), c->fd);
	bool asked = event.events & EPOLLEXCLUSIVE;
	e->mask = event.events;
	if (asked && c->op == EPOLL_CTL_MOD)
		e->why = "was given to EPOLL_CTL_MOD";
	else if (asked && (event.events & ~allowed))
		e->why = "was given with bits it does not go with";
	else if (asked && interest_instance(c->fd, false))
		e->why = "was given for an epoll instance";
	else if (c->op == EPOLL_CTL_MOD && g && (GET(g->events) & EPOLLEXCLUSIVE))
		e->why = "is set on this entry, which therefore cannot be modified";
	return e->why != NULL;
}

/* Or may: where the event cannot be read nothing is said. */
static bool asks_exclusively(const struct call *c)
{
	struct epoll_event event;
	return !fetch(&event, c->array, sizeof(event)) || (event.events & EPOLLEXCLUSIVE);
}

bool rule_nested(const struct call *c, struct evidence *e)
{
	if (c->id != CALL_epoll_ctl || c->op != EPOLL_CTL_ADD)
		return false;
	if (c->error == ELOOP)
		e->why = "it would close a cycle or be nested too deep";
	else if (c->error == EINVAL && c->epfd == c->fd && interest_instance(c->epfd, false))
		e->why = "an instance cannot watch itself";
	else if (c->error == EINVAL && interest_instance(c->fd, false) &&
		 interest_instance(c->epfd, false) &&
		 !asks_exclusively(c)) /* before Linux 6.17 depth could give EINVAL */
		e->why = "it would be nested too deep";
	return e->why != NULL;
}

bool rule_maxevents(const struct call *c, struct evidence *e)
{
	e->n = c->nfds;
	e->why = c->id == CALL_epoll_create ? "size" : "maxevents";
	if (c->id == CALL_epoll_create)
		return c->error == EINVAL && c->nfds <= 0;
	/* a negative epfd is a probe for the call itself; of others Linux 6.15 says EBADF first */
	return is_wait(c) && c->epfd >= 0 && (c->error == EINVAL || c->error == EBADF) &&
	       (c->nfds <= 0 || c->nfds > (int64_t)(INT_MAX / sizeof(struct epoll_event)));
}

bool rule_nfds_over_rlimit(const struct call *c, struct evidence *e)
{
	struct rlimit limit;
	if (!is_poll(c) || c->error != EINVAL || !may_make_system_calls() ||
		getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return false;
	e->n = c->nfds;
	e->m = (int64_t)limit.rlim_cur;
	e->confirmed_by = "getrlimit";
	return (uint64_t)c->nfds > limit.rlim_cur;
}

static bool fraction_wrong(struct evidence *e, int64_t fraction, long second, const char *unit)
{
	e->n = fraction;
	e->why = unit;
	return fraction < 0 || fraction >= second;
}

bool rule_timeval(const struct call *c, struct evidence *e)
{
	struct timeout t;
	if (c->error != EINVAL || (c->unit != TIMESPEC && c->unit != TIMEVAL) ||
		!fetch_timeout(c, &t))
		return false;
	return c->unit == TIMESPEC ? fraction_wrong(e, t.fraction, 1000000000, "nanoseconds")
				   : fraction_wrong(e, t.fraction, 1000000, "microseconds");
}

bool rule_timeval_asked(const struct call *c, struct evidence *e)
{
	return c->unit == TIMEVAL && c->result >= 0 && c->asked->timeout_known &&
	       fraction_wrong(e, c->asked->timeout.fraction, 1000000, "microseconds");
}

bool rule_timeout(const struct call *c, struct evidence *e)
{
	e->n = c->milliseconds;
	e->why = "every negative number but -1 is a mistake elsewhere, and here it means no limit "
		 "at all";
	e->severity = is_poll(c) ? NOTE : WARNING; /* poll(2) does define it */
	return c->unit == MILLISECONDS && c->milliseconds < -1;
}

bool rule_timeout_negative(const struct call *c, struct evidence *e)
{
	struct timeout t;
	if (c->error != EINVAL || (c->unit != TIMESPEC && c->unit != TIMEVAL) ||
		!fetch_timeout(c, &t))
		return false;
	e->n = t.seconds;
	return t.seconds < 0;
}

bool rule_timeout_long(const struct call *c, struct evidence *e)
{
	e->n = c->milliseconds;
	e->m = c->milliseconds / (24 * 3600 * 1000);
	return c->unit == MILLISECONDS && c->milliseconds > LONG_TIMEOUT_MS;
}

bool rule_many_parents(const struct call *c, struct evidence *e)
{
	enum { MANY = 64 };
	uint32_t used = GET(interest_instances_used);
	for (uint32_t instance = 1; instance < used && instance < INSTANCES; instance++)
		e->n += interest_of((uint16_t)instance, c->fd) != NULL;
	return e->n > MANY;
}

/* No array can reach from one function's frame into its caller's. */
bool rule_events_beyond_frame(const struct call *c, struct evidence *e)
{
	const char *end = is_wait(c) && c->nfds > 0 ? frame_end(c->array) : NULL;
	if (!end)
		return false;
	e->n = c->nfds;
	e->m = (end - (const char *)c->array) / (int64_t)sizeof(struct epoll_event);
	e->confirmed_by = "stack frame";
	return e->n > e->m;
}

/* A worker thread may be slow to serve what it was handed: no more than a warning. */
bool rule_refetch(const struct call *c, struct evidence *e)
{
	(void)c;
	e->severity = WARNING;
	return fd_kind_visible(fd_kind(e->fd)) && !fd_reads_hidden(e->fd, e->record) &&
	       !process_unwatched_count(IO_URING) && rule_confirmed(e);
}

bool rule_event_bits(const struct call *c, struct evidence *e)
{
	const uint32_t known = EPOLLIN | EPOLLPRI | EPOLLOUT | EPOLLERR | EPOLLHUP | EPOLLRDNORM |
			       EPOLLRDBAND | EPOLLWRNORM | EPOLLWRBAND | EPOLLRDHUP |
			       EPOLLEXCLUSIVE | EPOLLWAKEUP | EPOLLONESHOT | EPOLLET;
	struct registration *g = interest_of(interest_instance(c->epfd, false), c->fd);
	e->mask = g ? GET(g->events) : 0;
	if (e->mask & ~known)
		e->why = "that mean nothing to epoll";
	else if (e->mask & (EPOLLERR | EPOLLHUP))
		e->why = "that have no effect: EPOLLERR and EPOLLHUP are always reported",
		e->severity = NOTE;
	return e->why != NULL;
}

/* Rules about what a program left undone before its thread went to wait. Good programs stop early
 * and remember it, pause what sends too fast, or hand a descriptor to a thread that takes its time:
 * who blocks a second may have any of these in mind. One thread that is to wait without limit has
 * no timer that brings it back. */
#include "stalls.h"
#include "process.h"
#include "rules.h"

enum { PAUSE_MS = 5000, LONG_PAUSE_MS = 30000 };

static uint32_t events_of(const struct registration *registration)
{
	return GET(((struct registration *)registration)->events);
}

/* n: milliseconds blocked. What is left to another process or thread may be theirs to do. */
static enum severity severity_of(const struct call *c, const struct evidence *e)
{
	struct fd_record *r = (struct fd_record *)e->record;
	bool limited = stall_wait_has_limit(c);
	if (e->n < (limited ? LONG_PAUSE_MS : PAUSE_MS) || (GET(r->flags) & FD_SENT) ||
		GET(r->forks) != (uint16_t)GET(fd_forks) || !process_alone())
		return NOTE;
	return limited || e->n < LONG_PAUSE_MS ? WARNING : ERROR;
}

static bool confirmed(struct evidence *e, uint32_t mask)
{
	e->mask = mask;
	return rule_confirmed(e);
}

/* Still there, and nothing is to be reported. */
static bool left_over(const struct call *c, struct evidence *e)
{
	struct evidence instance = {.fd = c->epfd, .mask = POLLIN};
	return confirmed(e, POLLIN) && interest_pollable(interest_instance(c->epfd, false)) &&
	       !rule_confirmed(&instance);
}

/* A program that was seen to go on with what it had left, or that cannot go on because somebody
 * does not take its output, has its reasons. */
bool rule_undrained(const struct call *c, struct evidence *e)
{
	struct registration *g = e->registration;
	if (c->epfd < 0 || !g || interest_uncertain(g) || !(events_of(g) & EPOLLET) ||
		!(events_of(g) & EPOLLIN))
		return false;
	e->severity = severity_of(c, e);
	if (stall_remembers() || stall_owing())
		e->severity = NOTE;
	if (c->result == NOT_MADE)
		return left_over(c, e);
	e->confirmed_by = "zero-timeout poll"; /* before the wait that reports it again */
	return true;
}

/* Whether epoll_wait of any instance, or this call, would tell of room for output. */
static bool asked_for_output(const struct call *c, const struct evidence *e)
{
	struct fd_record *r = (struct fd_record *)e->record;
	struct registration *g = interest_of(GET(r->instance), e->fd);
	if (GET(r->flags) & FD_REGISTERED2)
		return true; /* nobody knows of all */
	if (g && (interest_uncertain(g) || ((events_of(g) & EPOLLOUT) && !GET(g->disarmed))))
		return true;
	return c->epfd < 0 && set_asks(c, e->fd, POLLOUT);
}

bool rule_output_owed(const struct call *c, struct evidence *e)
{
	enum fd_kind kind = fd_kind(e->fd);
	bool stream = kind == FD_TCP || kind == FD_UNIX_STREAM || kind == FD_PIPE ||
		      kind == FD_FIFO || kind == FD_TTY;
	if (!stream || asked_for_output(c, e))
		return false;
	e->severity = severity_of(c, e);
	e->why = e->m ? "was cut short" : "was refused with EAGAIN";
	if (!e->m && e->severity == ERROR) /* the whole message may have been dropped on purpose */
		e->severity = WARNING;
	return confirmed(e, POLLOUT);
}

/* Some programs arm a one-shot only when they want to read. Those that never armed one again, and
 * those that did nothing at all about this event, just forgot; but not of a counter that is always
 * ready, whose one-shot is armed by who wants to wake the loop (ivykis). */
bool rule_disarmed(const struct call *c, struct evidence *e)
{
	struct registration *g = e->registration;
	struct fd_record *r = (struct fd_record *)e->record;
	bool untouched = GET(r->attention) & EVENT_DELIVERED;
	if (c->epfd < 0 || !g || !GET(g->disarmed) || interest_uncertain(g) ||
		(untouched && fd_kind(e->fd) == FD_EVENTFD))
		return false;
	e->severity = severity_of(c, e);
	if (stall_rearms() && !untouched)
		e->severity = NOTE;
	e->why = untouched ? ", nothing was done about that event" : "";
	return confirmed(e, POLLIN);
}

/* Rules about unproductive wake-ups: what the kernel says now, and what the program tried. */
#include "process.h"
#include "rules.h"

/* Polling is safe here: the kinds whose event a poll consumes (mounts, sysctl, perf; clauses
 * RDY-CONSUMED-BY-POLL) are not among those that are counted at all. */
bool rule_confirmed(struct evidence *e)
{
	struct pollfd p = {.fd = e->fd, .events = (short)e->mask};
	struct timespec none = {0, 0};
	if (!may_make_system_calls()) {
		e->severity = NOTE;
		return true;
	}
	KEEP_ERRNO;
	e->confirmed_by = "zero-timeout poll";
	return SYSTEM(ppoll, &p, 1ul, &none, NULL, 0ul) == 1 &&
	       ((uint32_t)p.revents & e->mask) == (e->mask & 0xffff);
}

bool rule_eof(const struct call *c, struct evidence *e)
{
	(void)c;
	struct fd_record *r = (struct fd_record *)e->record;
	uint8_t kind = GET(r->kind);
	if (kind == FD_UDP || kind == FD_UNIX_DGRAM || kind == FD_SOCKET)
		return false; /* empty datagrams, read before the kind was known */
	return (GET(r->evidence) & READ_END) && (e->mask & (POLLIN | POLLHUP | POLLRDHUP)) &&
	       rule_confirmed(e);
}

static uint8_t evidence_of(const struct evidence *e)
{
	return GET(((struct fd_record *)e->record)->evidence);
}

bool rule_error_queue(const struct call *c, struct evidence *e)
{
	(void)c;
	struct fd_record *r = (struct fd_record *)e->record;
	return (e->mask & POLLERR) && !(e->mask & POLLHUP) && (GET(r->flags) & FD_ERROR_QUEUE) &&
	       rule_confirmed(e);
}

bool rule_event_counter(const struct call *c, struct evidence *e)
{
	(void)c;
	uint8_t kind = GET(((struct fd_record *)e->record)->kind);
	e->why = kind == FD_TIMERFD    ? "timerfd"
		 : kind == FD_EVENTFD  ? "eventfd"
		 : kind == FD_SIGNALFD ? "signalfd"
		 : kind == FD_INOTIFY  ? "inotify descriptor"
				       : NULL;
	if (kind == FD_SIGNALFD) /* sigtimedwait(2) may take the signals, unseen */
		e->severity = NOTE;
	return e->why && (e->mask & POLLIN) && rule_confirmed(e);
}

/* A refused read means that somebody else took the input: no pause, but a herd. */
bool rule_paused(const struct call *c, struct evidence *e)
{
	(void)c;
	struct fd_record *r = (struct fd_record *)e->record;
	if ((GET(r->flags) & FD_SENT) || GET(r->forks) != (uint16_t)GET(fd_forks))
		e->severity = NOTE; /* another process may take the input */
	return (e->mask & POLLIN) && !(e->mask & (POLLHUP | POLLERR)) &&
	       !(evidence_of(e) & (READ_AGAIN | READ_ERROR)) && rule_confirmed(e);
}

bool rule_always_ready(const struct call *c, struct evidence *e)
{
	(void)c;
	e->confirmed_by = "fstat";
	e->why = may_make_system_calls() ? fd_always_ready(e->fd) : NULL;
	return e->why != NULL;
}

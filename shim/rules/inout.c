/* Rules about single calls of input and output. */
#include "process.h"
#include "rules.h"

static bool blocks(int fd)
{
	return may_make_system_calls() && !(SYSTEM(fcntl, (long)fd, (long)F_GETFL) & O_NONBLOCK);
}

/* What poll with timeout 0 says: 1 ready, 0 not, negative unknown. */
static long ready(struct evidence *e, short event)
{
	struct pollfd p = {.fd = e->fd, .events = event};
	struct timespec none = {0, 0};
	e->confirmed_by = "zero-timeout poll";
	return SYSTEM(ppoll, &p, 1ul, &none, NULL, 0ul);
}

static bool has_receive_timeout(int fd)
{
	struct timeval limit = {0};
	socklen_t length = sizeof(limit);
	return REAL(getsockopt)(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, &length) == 0 &&
	       (limit.tv_sec || limit.tv_usec);
}

/* With threads, one that blocks need not keep others from serving the rest. */
bool rule_would_block(const struct call *c, struct evidence *e)
{
	(void)c;
	if (!blocks(e->fd) || !fd_kind_visible(fd_kind(e->fd)) || ready(e, POLLIN) != 0 ||
		has_receive_timeout(e->fd))
		return false;
	if (!process_alone())
		e->severity = NOTE;
	return true;
}

/* To go straight on and to look at the result is legal: a note, unless the wait had told already
 * that it failed. Only a connection that was made is reset, or has a broken pipe (tcp(7)). */
bool rule_unasked(const struct call *c, struct evidence *e)
{
	bool made = c->error == ECONNRESET || c->error == EPIPE;
	bool told = e->mask & (POLLERR | POLLHUP), failed = c->result < 0 && !made;
	e->severity = told && failed ? WARNING : NOTE;
	e->why = told && failed ? ": it was not" : "";
	e->confirmed_by = "return value";
	return true;
}

/* n: bytes unread; m: the writer is the thread that reads them. */
bool rule_waker_blocks(const struct call *c, struct evidence *e)
{
	(void)c;
	if (!blocks(e->fd) || fd_is_shared(e->record))
		return false;
	if (e->n && ready(e, POLLOUT) != 0)
		return false;
	if (!e->n) {
		e->severity = NOTE;
		e->confirmed_by = "fcntl";
		e->why = "who wakes the loop while it is full sleeps until the loop reads";
		return true;
	}
	e->severity = e->m ? ERROR : WARNING;
	e->why = e->m ? "it is full, and this thread, which alone reads it, sleeps for ever"
		      : "it is full, and this thread sleeps until the loop reads";
	return true;
}

bool rule_herd(const struct call *c, struct evidence *e)
{
	(void)c;
	struct fd_record *r = (struct fd_record *)e->record;
	struct registration *g = interest_of(GET(r->instance), e->fd);
	bool exclusive = g && (GET(g->events) & EPOLLEXCLUSIVE);
	return !exclusive && (GET(r->mask) & POLLIN);
}

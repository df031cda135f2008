/* Stores events of poll(2). */
#include "fdtable.h"
#include "trace_fill.h"

struct limits limits_of(const struct call *c)
{
	struct limits l = {TIMEOUT_NONE, {0, 0}, 0, 0};
	if (c->unit == MILLISECONDS) {
		l.is = TIMEOUT_MILLISECONDS;
		l.timeout.fraction = c->milliseconds;
	} else if (c->timeout && c->asked && c->asked->timeout_known) {
		l.is = c->unit == TIMEVAL ? TIMEOUT_TIMEVAL : TIMEOUT_TIMESPEC;
		l.timeout = c->asked->timeout;
	} else if (c->timeout && (c->unit == TIMEVAL || !accepted(c))) {
		l.is = TIMEOUT_UNREAD;
	} else if (c->timeout) {
		l.is = TIMEOUT_TIMESPEC;
		l.timeout = timeout_in(c, c->timeout);
	}
	if (c->sigmask && accepted(c)) {
		memcpy(&l.sigmask, c->sigmask, sizeof(l.sigmask));
		l.sigmasks = 1;
	}
	return l;
}

static uint16_t fill_asked(struct trace_watched *to, const struct call *c, uint16_t most)
{
	const struct pollfd *fds = c->array;
	for (uint16_t i = 0; i < most; i++)
		to[i] = (struct trace_watched){fds[i].fd, (uint16_t)fds[i].events};
	return most;
}

static uint16_t fill_revents(struct trace_watched *to, const struct call *c, uint16_t most)
{
	const struct pollfd *fds = c->array;
	uint16_t found = 0;
	for (int64_t i = 0; i < c->nfds && found < most; i++)
		if (fds[i].revents)
			to[found++] = (struct trace_watched){fds[i].fd, (uint16_t)fds[i].revents};
	return found;
}

void trace_poll(struct traced *t)
{
	const struct call *c = t->call;
	uint16_t asked = at_most(accepted(c) ? c->nfds : 0, ASKED_MOST);
	uint16_t ready = at_most(c->result, READY_MOST);
	struct trace_poll *to;
	uint32_t size;
	if (!(to = traced_begins(t, (uint32_t)sizeof(*to) + (asked + ready) * WATCHED)))
		return;
	COMMON(to, t);
	to->nfds = (uint32_t)c->nfds;
	to->timeout = c->milliseconds;
	struct trace_watched *lists = (void *)(to + 1);
	to->asked_length = fill_asked(lists, c, asked);
	to->ready_length = fill_revents(lists + asked, c, ready);
	size = (uint32_t)sizeof(*to) + (asked + to->ready_length) * WATCHED;
	event_ended(&t->event, size);
}

void trace_ppoll(struct traced *t)
{
	const struct call *c = t->call;
	struct limits l = limits_of(c);
	uint16_t asked = at_most(accepted(c) ? c->nfds : 0, ASKED_MOST);
	uint16_t ready = at_most(c->result, READY_MOST);
	struct trace_ppoll *to;
	uint32_t fixed = (uint32_t)(sizeof(*to) + l.sigmasks * sizeof(trace_mask)), size;
	if (!(to = traced_begins(t, fixed + (asked + ready) * WATCHED)))
		return;
	COMMON(to, t);
	LIMITS(to, &l);
	to->nfds = (uint32_t)c->nfds;
	struct trace_watched *lists = after_sigmask(to + 1, &l);
	to->asked_length = fill_asked(lists, c, asked);
	to->ready_length = fill_revents(lists + asked, c, ready);
	size = fixed + (asked + to->ready_length) * WATCHED;
	event_ended(&t->event, size);
}

/* Stores events of the calls of epoll(7). */
#include "interest.h"
#include "trace_fill.h"

void trace_epoll_create(struct traced *t)
{
	struct trace_epoll_create *to;
	if (!(to = traced_begins(t, sizeof(*to))))
		return;
	COMMON(to, t);
	to->argument = (int32_t)t->call->nfds;
	event_ended(&t->event, sizeof(*to));
}

void trace_epoll_ctl(struct traced *t)
{
	const struct call *c = t->call;
	const struct epoll_event *event =
		c->result == 0 && c->op != EPOLL_CTL_DEL ? c->array : NULL;
	struct trace_epoll_ctl *to;
	uint32_t size = sizeof(*to) + (event ? sizeof(struct trace_registered) : 0);
	if (!(to = traced_begins(t, size)))
		return;
	COMMON(to, t);
	to->epfd = c->epfd;
	to->op = c->op;
	to->fd = c->fd;
	to->asked_length = event != NULL;
	if (event)
		*(struct trace_registered *)(to + 1) =
			(struct trace_registered){event->events, event->data.u64};
	event_ended(&t->event, size);
}

static inline uint16_t ready_count(const struct call *c)
{
	return (uint16_t)(c->result > READY_MOST ? READY_MOST : c->result < 0 ? 0 : c->result);
}

static inline void fill_ready(struct trace_ready *to, const struct call *c, uint16_t count)
{
	const struct epoll_event *events = c->array;
	uint16_t instance = count ? interest_instance(c->epfd, false) : 0;
	for (uint16_t i = 0; i < count; i++) {
		struct fd_record *r;
		int fd = -1;
		bool known = instance && interest_by_data(instance, events[i].data.u64, &fd, &r);
		to[i] = (struct trace_ready){known ? fd : -1, events[i].events, events[i].data.u64};
	}
}

void trace_epoll_wait(struct traced *t)
{
	const struct call *c = t->call;
	struct trace_epoll_wait *to;
	uint16_t count = ready_count(c);
	uint32_t size = sizeof(*to) + count * (uint32_t)sizeof(struct trace_ready);
	if (!(to = traced_begins(t, size)))
		return;
	COMMON(to, t);
	to->epfd = c->epfd;
	to->maxevents = (int32_t)c->nfds;
	to->timeout = c->milliseconds;
	to->ready_length = count;
	fill_ready((struct trace_ready *)(to + 1), c, count);
	event_ended(&t->event, size);
}

void trace_epoll_pwait(struct traced *t)
{
	const struct call *c = t->call;
	struct limits l = limits_of(c);
	struct trace_epoll_pwait *to;
	uint16_t count = ready_count(c);
	uint32_t size = sizeof(*to) + l.sigmasks * (uint32_t)sizeof(trace_mask) +
			count * (uint32_t)sizeof(struct trace_ready);
	if (!(to = traced_begins(t, size)))
		return;
	COMMON(to, t);
	LIMITS(to, &l);
	to->epfd = c->epfd;
	to->maxevents = (int32_t)c->nfds;
	to->ready_length = count;
	fill_ready(after_sigmask(to + 1, &l), c, count);
	event_ended(&t->event, size);
}

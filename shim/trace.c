/* Records calls. */
#include "trace.h"

#include "process.h"
#include "stack.h"
#include "trace_fill.h"
#include "trace_site.h"

static uint8_t layouts[CALLS];

void trace_calls_start(void)
{
	for (enum call_id id = 0; id < CALLS; id++)
		layouts[id] = (uint8_t)trace_layout(id);
}

uint64_t trace_now(void)
{
	struct stream *s = stream_mine();
	return likely(s != NULL) ? trace_clock_now(&s->clock) : process_now();
}

void trace_call(const struct call *c)
{
	struct traced t = {.stream = stream_mine(),
		.call = c,
		.duration = c->trace_end - c->trace_begin,
		.error = (trace_error)(c->result < 0 ? c->error : 0)};
	if (!t.stream || !c->trace_begin)
		return;
	t.site = trace_site(t.stream, site_of(c->site));
	switch (layouts[c->id]) {
	case TRACE_epoll_wait:
		trace_epoll_wait(&t);
		break;
	case TRACE_epoll_pwait:
		trace_epoll_pwait(&t);
		break;
	case TRACE_epoll_ctl:
		trace_epoll_ctl(&t);
		break;
	case TRACE_poll:
		trace_poll(&t);
		break;
	case TRACE_ppoll:
		trace_ppoll(&t);
		break;
	case TRACE_select:
		trace_select(&t);
		break;
	case TRACE_epoll_create:
		trace_epoll_create(&t);
		break;
	default:
		break;
	}
}

/* --- witnessed calls --- */

void trace_io(enum call_id id, int fd, const void *site, uint64_t begin, int64_t result)
{
	trace_error error = (trace_error)(result < 0 ? errno : 0);
	struct stream *s = stream_mine();
	if (unlikely(!s))
		return;
	uint64_t end = trace_clock_now(&s->clock);
	uint16_t from = trace_site(s, site_of(site));
	struct event e;
	struct trace_io *to;
	if (!(to = event_begins(&e, s, 0, (enum trace_event)id, end, sizeof(*to))))
		return;
	*to = (struct trace_io){end - begin, from, fd, result, error};
	event_ended(&e, sizeof(*to));
}

void trace_transfer(
	enum call_id id, int in, int out, const void *site, uint64_t begin, int64_t result)
{
	trace_error error = (trace_error)(result < 0 ? errno : 0);
	struct stream *s = stream_mine();
	if (!s)
		return;
	uint64_t end = trace_clock_now(&s->clock);
	uint16_t from = trace_site(s, site_of(site));
	struct event e;
	struct trace_transfer *to;
	if (!(to = event_begins(&e, s, 0, (enum trace_event)id, end, sizeof(*to))))
		return;
	*to = (struct trace_transfer){end - begin, from, in, out, result, error};
	event_ended(&e, sizeof(*to));
}

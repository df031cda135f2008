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

struct witnessed {
	struct event event;
	uint64_t duration;
	uint16_t site;
	trace_error error;
};

static inline void *witnessed_begins(struct witnessed *w, enum call_id id, const void *site,
	uint64_t begin, int64_t result, uint32_t size)
{
	w->error = (trace_error)(result < 0 ? errno : 0);
	struct stream *s = stream_mine();
	if (unlikely(!s))
		return NULL;
	uint64_t end = trace_clock_now(&s->clock);
	w->duration = end - begin;
	w->site = trace_site(s, site_of(site));
	return event_begins(&w->event, s, 0, (enum trace_event)id, end, size);
}

void trace_io(enum call_id id, int fd, const void *site, uint64_t begin, int64_t result)
{
	struct witnessed w;
	struct trace_io *to;
	if (!(to = witnessed_begins(&w, id, site, begin, result, sizeof(*to))))
		return;
	*to = (struct trace_io){w.duration, w.site, fd, result, w.error};
	event_ended(&w.event, sizeof(*to));
}

void trace_transfer(
	enum call_id id, int in, int out, const void *site, uint64_t begin, int64_t result)
{
	struct witnessed w;
	struct trace_transfer *to;
	if (!(to = witnessed_begins(&w, id, site, begin, result, sizeof(*to))))
		return;
	*to = (struct trace_transfer){w.duration, w.site, in, out, result, w.error};
	event_ended(&w.event, sizeof(*to));
}

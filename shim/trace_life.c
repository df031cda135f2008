/* Records what is no call: the life of descriptors, findings, places. */
#include "trace.h"

#include "process.h"
#include "stack.h"
#include "trace_site.h"

#include <string.h>

static bool begins(struct event *e, void **to, struct stream *s, enum trace_event id, uint32_t size)
{
	*to = s ? event_begins(e, s, 0, id, trace_clock_now(&s->clock), size) : NULL;
	return *to != NULL;
}

void trace_born(int fd, struct fd_record *r, int from, uint16_t site)
{
	struct stream *s = stream_mine();
	unsigned flags = GET(r->flags);
	struct event e;
	struct trace_descriptor_born *to;
	if (s)
		trace_site(s, site);
	if (!begins(&e, (void **)&to, s, TRACE_EVENT_descriptor_born, sizeof(*to)))
		return;
	*to = (struct trace_descriptor_born){fd, fd_generation(r), GET(r->kind),
		(flags & FD_NONBLOCKING) != 0, (flags & FD_CLOSE_ON_EXEC) != 0, from, site};
	event_ended(&e, sizeof(*to));
}

void trace_closed(int fd, uint32_t generation, uint16_t site)
{
	struct stream *s = stream_mine();
	struct event e;
	struct trace_descriptor_closed *to;
	if (s)
		trace_site(s, site);
	if (!begins(&e, (void **)&to, s, TRACE_EVENT_descriptor_closed, sizeof(*to)))
		return;
	*to = (struct trace_descriptor_closed){fd, generation, site};
	event_ended(&e, sizeof(*to));
}

void trace_forked(int child)
{
	struct stream *s = stream_mine();
	struct event e;
	struct trace_forked *to;
	if (!begins(&e, (void **)&to, s, TRACE_EVENT_forked, sizeof(*to)))
		return;
	to->child = child;
	event_ended(&e, sizeof(*to));
}

/* --- what has strings --- */

struct out {
	char *to; /* NULL: only the size is wanted */
	uint32_t size;
};

static void put(struct out *o, const void *from, size_t size)
{
	if (o->to)
		memcpy(o->to + o->size, from, size);
	o->size += (uint32_t)size;
}

static void put_string(struct out *o, const char *string)
{
	put(o, string, strlen(string) + 1);
}

static void put_frame(struct out *o, const struct frame *f)
{
	put(o, &f->offset, sizeof(f->offset));
	put(o, &f->line, sizeof(f->line));
	put_string(o, f->module);
	put_string(o, f->build_id);
	put_string(o, f->function);
	put_string(o, f->file);
}

static void put_frames(struct out *o, const struct stack *s)
{
	for (uint32_t i = 0; i < s->depth; i++)
		put_frame(o, &s->frames[i]);
}

static void put_finding(struct out *o, const struct finding *f, const struct trace_finding *fixed)
{
	put(o, fixed, sizeof(*fixed));
	put_string(o, rules[f->rule].slug);
	put_string(o, f->message);
	put_string(o, f->call);
	put_string(o, f->fd_is);
	put_string(o, f->confirmed_by);
	put_string(o, f->hint);
	put_frames(o, &f->stack);
	for (uint32_t i = 0; i < f->related_count; i++) {
		trace_u16 depth = (trace_u16)f->related[i].stack.depth;
		put_string(o, f->related[i].what);
		put(o, &depth, sizeof(depth));
		put_frames(o, &f->related[i].stack);
	}
}

void trace_finding(const struct finding *f, const struct call *c)
{
	struct stream *s = stream_mine();
	struct out count = {NULL, 0}, out;
	struct event e;
	if (!s)
		return;
	struct trace_finding fixed = {.number = atomic_fetch_add(&trace_memory->findings, 1) + 1,
		.severity = (trace_severity)f->severity,
		.site = trace_site(s, site_of(c->site)),
		.epfd = f->epfd,
		.fd = f->fd,
		.result = f->result,
		.error = (trace_error)f->error,
		.count = f->count,
		.stack_length = (trace_u16)f->stack.depth,
		.related_length = (trace_u16)f->related_count};
	put_finding(&count, f, &fixed);
	uint64_t when = c->trace_end ? c->trace_end : trace_clock_now(&s->clock);
	out = (struct out){event_begins(&e, s, 0, TRACE_EVENT_finding, when, count.size), 0};
	if (!out.to)
		return;
	put_finding(&out, f, &fixed);
	event_ended(&e, out.size);
}

static void put_site(struct out *o, uint16_t site, uint16_t depth)
{
	struct trace_site fixed = {site, depth};
	struct frame frame;
	put(o, &fixed, sizeof(fixed));
	for (uint16_t i = 0; i < depth; i++) {
		site_frame(site, i, &frame);
		put_frame(o, &frame);
	}
}

/* Whoever sets the bit tells. */
void trace_site_told(struct stream *s, uint16_t site)
{
	KEEP_ERRNO;
	uint64_t bit = 1ull << (site % 64);
	if (!site || (atomic_fetch_or(&trace_memory->sites_told[site / 64], bit) & bit))
		return;
	uint16_t depth = site_depth(site);
	struct out count = {NULL, 0}, out;
	struct event e;
	put_site(&count, site, depth);
	uint64_t now = trace_clock_now(&s->clock);
	out = (struct out){event_begins(&e, s, 1, TRACE_EVENT_site, now, count.size), 0};
	if (!out.to)
		return;
	put_site(&out, site, depth);
	event_ended(&e, out.size);
}

/* The state machine of turns. */
#include "loops.h"

#include "calls.h"
#include "refuse.h"

#include <string.h>

/* --- what is counted --- */

static void append(void ***list, size_t *count, void *item)
{
	if ((*count & (*count - 1)) == 0) {
		*list = realloc(*list, (*count ? 2 * *count : 1) * sizeof(void *));
		if (!*list)
			refuse(FAILED, "out of memory");
	}
	(*list)[(*count)++] = item;
}

struct descriptor *loops_descriptor(struct loops *l, const struct traced_process *p, int64_t fd)
{
	if (fd < 0)
		return NULL;
	void **place = table_at(&l->descriptors, p, fd);
	if (!*place) {
		struct descriptor *d = *place = new_memory(sizeof(*d));
		d->process = p;
		d->fd = (int32_t)fd;
		d->ordinal = l->count;
		append((void ***)&l->all, &l->count, d);
	}
	return *place;
}

struct thread *loops_thread(struct loops *l, const struct trace_event *e)
{
	void **place = table_at(&l->threads, e->process, e->tid);
	if (!*place) {
		struct thread *t = *place = new_memory(sizeof(*t));
		t->process = e->process;
		t->tid = e->tid;
		t->first = event_begin(e);
		t->ordinal = l->thread_count;
		append((void ***)&l->every_thread, &l->thread_count, t);
	}
	return *place;
}

/* Numbers of descriptors and threads do not meet: those of threads are below. */
static struct loop *loop_of(struct loops *l, const struct trace_event *e)
{
	bool epoll = e->epfd >= 0;
	void **place = table_at(&l->by_loop, e->process, epoll ? e->epfd : -1 - (int64_t)e->tid);
	if (!*place) {
		struct loop *new = *place = new_memory(sizeof(*new));
		new->process = e->process;
		new->epfd = epoll ? (int32_t)e->epfd : -1;
		new->tid = epoll ? 0 : e->tid;
		new->call = calls[e->call].name;
		append((void ***)&l->loops, &l->loop_count, new);
	}
	return *place;
}

/* --- calls --- */

bool is_wait(const struct trace_event *e)
{
	return e->what == EVENT_CALL && e->call >= 0 && strchr(calls[e->call].roles, *TIMEOUT);
}

enum io_is io_of(const char *call)
{
	static const char *const reads[] = {"read", "recv", "accept", "eventfd_read"};
	static const char *const writes[] = {"write", "send", "eventfd_write"};
	while (*call == '_')
		call++;
	for (size_t i = 0; i < sizeof(reads) / sizeof(reads[0]); i++)
		if (strncmp(call, reads[i], strlen(reads[i])) == 0)
			return IO_READ;
	for (size_t i = 0; i < sizeof(writes) / sizeof(writes[0]); i++)
		if (strncmp(call, writes[i], strlen(writes[i])) == 0)
			return IO_WRITE;
	return IO_OTHER;
}

/* --- handlers --- */

static void keep_slowest(struct loops *l, const struct served *s)
{
	int i = HANDLERS - 1;
	if (s->took <= l->slowest[i].took)
		return;
	for (; i > 0 && l->slowest[i - 1].took < s->took; i--)
		l->slowest[i] = l->slowest[i - 1];
	l->slowest[i] = *s;
}

static void end_handler(struct loops *l, struct thread *t, int64_t now)
{
	if (!t->at)
		return;
	struct descriptor *d = t->at->descriptor;
	struct served s = {t->handler_begin, now - t->handler_begin, d, t->process, t->tid,
		t->at->mask, t->is_epoll, t->handler_site};
	if (s.took > d->slowest)
		d->slowest = s.took;
	keep_slowest(l, &s);
	t->at = NULL;
}

/* The first handler begins with the turn: what is done before it touches its descriptor is its. */
static void begin_handler(
	struct loops *l, struct thread *t, struct reported *r, const struct trace_event *e)
{
	bool first = !t->handled;
	t->handled = true;
	end_handler(l, t, event_begin(e));
	t->at = r;
	t->handler_begin = first ? t->turn_begin : event_begin(e);
	t->handler_site = e->site;
}

/* A read that gives nothing, end of file or EAGAIN, leaves things as they were. */
static bool makes_progress(const struct trace_event *e)
{
	bool counts_bytes = io_of(e->name) != IO_OTHER && !strstr(e->name, "accept") &&
			    !strstr(e->name, "eventfd");
	return e->what != EVENT_CALL || (counts_bytes ? e->result > 0 : e->result >= 0);
}

static void serve(struct loops *l, const struct trace_event *e, int64_t fd)
{
	struct thread *t = loops_thread(l, e);
	struct descriptor *d = loops_descriptor(l, e->process, fd);
	for (unsigned i = 0; d && i < t->count; i++) {
		struct reported *r = &t->reported[i];
		if (r->descriptor != d || r->served)
			continue;
		if (t->at != r)
			begin_handler(l, t, r, e);
		if (!makes_progress(e))
			continue;
		r->served = true;
		d->served++;
		t->served++;
		if (l->served)
			l->served(t, e);
	}
}

/* --- turns --- */

static void judge_turn(struct thread *t, int64_t now)
{
	histogram_add(&t->loop->lag, now - t->turn_begin);
	if (t->count && !t->served) {
		t->loop->empty++;
		t->wasted++;
	} else {
		t->wasted = 0;
	}
}

/* whole: the next wait ended it, and not the trace. */
static void end_turn(struct loops *l, struct thread *t, int64_t now, bool whole)
{
	if (!t->loop)
		return;
	end_handler(l, t, now);
	if (whole)
		judge_turn(t, now);
	if (l->turn_ended)
		l->turn_ended(t, now);
	t->loop = NULL;
}

static void report(struct loops *l, struct thread *t, const struct trace_event *e)
{
	for (uint32_t i = 0; i < e->ready.length; i++) {
		struct descriptor *d = loops_descriptor(l, e->process, e->ready.of[i].fd);
		if (!d)
			continue;
		d->reported++;
		if (t->count < REPORTED_MAX)
			t->reported[t->count++] =
				(struct reported){d, e->ready.of[i].events, false};
	}
}

static void take_wait(struct loops *l, const struct trace_event *e)
{
	struct thread *t = loops_thread(l, e);
	struct loop *loop = loop_of(l, e);
	end_turn(l, t, event_begin(e), true);
	loop->waits++;
	loop->ready += e->result > 0;
	loop->timeouts += e->result == 0;
	loop->failed += e->result < 0;
	histogram_add(&loop->wait, e->duration);
	if (e->result >= 0)
		histogram_add(&loop->events, e->result);
	t->loop = loop;
	t->wait_begin = event_begin(e);
	t->turn_begin = e->end;
	t->is_epoll = e->epfd >= 0;
	t->calls_before = t->calls;
	t->count = t->served = 0;
	t->handled = false;
	report(l, t, e);
}

static void take_call(struct loops *l, const struct trace_event *e)
{
	struct descriptor *d = loops_descriptor(l, e->process, e->fd);
	enum io_is io = io_of(e->name);
	if (is_wait(e)) {
		take_wait(l, e);
		return;
	}
	serve(l, e, e->fd);
	serve(l, e, e->in);
	serve(l, e, e->out);
	if (d) {
		d->reads += io == IO_READ;
		d->writes += io == IO_WRITE;
	}
}

/* --- descriptors --- */

static void take_birth(struct loops *l, const struct trace_event *e)
{
	void **place = table_at(&l->descriptors, e->process, e->fd);
	struct descriptor *old = *place;
	if (old && (old->reported || old->born || old->reads || old->writes) && e->site)
		*place = NULL; /* another file has the number now */
	struct descriptor *d = loops_descriptor(l, e->process, e->fd);
	if (!d)
		return;
	d->kind = e->kind;
	d->born = e->site ? e->end : 0; /* site 0: it was there before anybody looked */
}

static void take_death(struct loops *l, const struct trace_event *e)
{
	struct descriptor *d = loops_descriptor(l, e->process, e->fd);
	if (!d)
		return;
	serve(l, e, e->fd);
	d->closed = e->end;
	*table_at(&l->descriptors, e->process, e->fd) = NULL;
}

static void take_finding(struct loops *l, const struct trace_event *e)
{
	struct descriptor *d = loops_descriptor(l, e->process, e->fd);
	if (!d)
		return;
	d->findings++;
	if (!*d->is)
		strcpy(d->is, e->finding.fd_is);
}

void loops_take(struct loops *l, const struct trace_event *e)
{
	struct thread *t = loops_thread(l, e);
	t->last = e->end;
	t->calls += e->what == EVENT_CALL;
	switch (e->what) {
	case EVENT_CALL:
		take_call(l, e);
		break;
	case EVENT_BORN:
		take_birth(l, e);
		break;
	case EVENT_CLOSED:
		take_death(l, e);
		break;
	case EVENT_FINDING:
		take_finding(l, e);
		break;
	default:
		break;
	}
}

void loops_end(struct loops *l)
{
	for (size_t i = 0; i < l->thread_count; i++)
		end_turn(l, l->every_thread[i], l->every_thread[i]->last, false);
}

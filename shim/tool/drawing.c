/* The two readings. */
#include "drawing.h"

#include "calls.h"
#include "line.h"
#include "texts.h"

#include <string.h>

enum { THREAD_MARKS = 90000, DESCRIPTOR_MARKS = 150000, LEAST_MARKS = 96, MOST_MARKS = 6000 };

static struct drawing *drawing;
static size_t findings_met; /* of the second reading */

/* --- the first reading --- */

static void keep_finding(const struct trace_event *e)
{
	if (drawing->finding_count == FINDINGS_SHOWN) {
		drawing->findings_left_out++;
		return;
	}
	struct shown_finding *f = new_memory(sizeof(*f));
	const struct descriptor *d = loops_descriptor(&drawing->counted, e->process, e->fd);
	f->finding = e->finding;
	f->descriptor = d ? d->ordinal : SIZE_MAX;
	f->thread = loops_thread(&drawing->counted, e)->ordinal;
	drawing->findings[drawing->finding_count++] = f;
}

static void count(const struct trace_event *e)
{
	loops_take(&drawing->counted, e);
	if (e->what == EVENT_FINDING)
		keep_finding(e);
}

/* --- which lanes there are --- */

static size_t limit_of(size_t all, size_t lanes)
{
	size_t each = lanes ? all / lanes : all;
	return each < LEAST_MARKS ? LEAST_MARKS : each > MOST_MARKS ? MOST_MARKS : each;
}

static size_t *no_lanes(size_t count)
{
	size_t *lanes = new_memory((count + 1) * sizeof(*lanes));
	memset(lanes, 0xff, (count + 1) * sizeof(*lanes));
	return lanes;
}

static void choose_descriptors(struct drawing *d)
{
	size_t count = d->counted.count < DESCRIPTORS_SHOWN ? d->counted.count : DESCRIPTORS_SHOWN;
	size_t limit = limit_of(DESCRIPTOR_MARKS, 3 * count);
	d->lane_of_descriptor = no_lanes(d->counted.count);
	for (; d->descriptor_count < count; d->descriptor_count++) {
		struct descriptor_lane *lane = new_memory(sizeof(*lane));
		lane_begin(&lane->ready, limit);
		lane_begin(&lane->reads, limit);
		lane_begin(&lane->writes, limit);
		lane->descriptor = d->counted.all[d->descriptor_count];
		d->lane_of_descriptor[lane->descriptor->ordinal] = d->descriptor_count;
		d->descriptors[d->descriptor_count] = lane;
	}
}

static int by_calls(const void *a, const void *b)
{
	const struct thread *x = *(struct thread *const *)a, *y = *(struct thread *const *)b;
	return x->calls < y->calls ? 1 : x->calls > y->calls ? -1 : ascending(x->tid, y->tid);
}

static void choose_threads(struct drawing *d)
{
	size_t count =
		d->counted.thread_count < THREADS_SHOWN ? d->counted.thread_count : THREADS_SHOWN;
	d->lane_of_thread = no_lanes(d->counted.thread_count);
	if (count)
		qsort(d->counted.every_thread, d->counted.thread_count, sizeof(struct thread *),
			by_calls);
	for (; d->thread_count < count; d->thread_count++) {
		struct thread_lane *lane = new_memory(sizeof(*lane));
		lane_begin(&lane->lane, limit_of(THREAD_MARKS, count));
		lane->thread = d->counted.every_thread[d->thread_count];
		d->lane_of_thread[lane->thread->ordinal] = d->thread_count;
		d->threads[d->thread_count] = lane;
	}
}

/* --- the second reading --- */

static struct thread_lane *lane_of_thread(size_t ordinal)
{
	size_t lane = ordinal < drawing->counted.thread_count ? drawing->lane_of_thread[ordinal]
							      : SIZE_MAX;
	return lane == SIZE_MAX ? NULL : drawing->threads[lane];
}

static struct descriptor_lane *lane_of_descriptor(const struct traced_process *p, int64_t fd)
{
	const struct descriptor *d = loops_descriptor(&drawing->drawn, p, fd);
	size_t lane = d && d->ordinal < drawing->counted.count
			      ? drawing->lane_of_descriptor[d->ordinal]
			      : SIZE_MAX;
	if (lane == SIZE_MAX)
		return NULL;
	return drawing->descriptors[lane];
}

static void add_span(
	struct lane *l, int64_t from, int64_t to, uint64_t n, char state, uint32_t text)
{
	struct mark m = {.start = from,
		.length = to - from,
		.n = n < UINT32_MAX ? (uint32_t)n : UINT32_MAX,
		.text = text};
	m.blocked = state == 'b' ? m.length : 0;
	m.spinning = state == 's' ? m.length : 0;
	if (m.length > 0)
		lane_add(l, &m);
}

static void turn_ended(struct thread *t, int64_t end)
{
	struct thread_lane *lane = lane_of_thread(t->ordinal);
	bool spins = t->wasted >= SPIN_RUN;
	if (!lane)
		return;
	add_span(&lane->lane, t->wait_begin, t->turn_begin, 1, spins ? 's' : 'b', lane->wait_text);
	add_span(&lane->lane, t->turn_begin, end, t->calls - t->calls_before, spins ? 's' : ' ', 0);
}

static void add_mark(struct lane *l, int64_t at, int64_t length, uint32_t text)
{
	struct mark m = {.start = at, .length = length, .n = 1, .text = text};
	lane_add(l, &m);
}

static void draw_wait(const struct trace_event *e, uint32_t text)
{
	struct thread *t = loops_thread(&drawing->drawn, e);
	struct thread_lane *lane = lane_of_thread(t->ordinal);
	if (lane && !lane->about) {
		add_span(&lane->lane, t->first, event_begin(e), t->calls, ' ', 0);
		lane->about = calls[e->call].name;
	}
	if (lane)
		lane->wait_text = text;
	for (uint32_t i = 0; i < e->ready.length; i++) {
		struct descriptor_lane *d = lane_of_descriptor(e->process, e->ready.of[i].fd);
		if (d)
			add_mark(&d->ready, e->end, 0, text);
	}
}

static void draw_io(const struct trace_event *e, int64_t fd, enum io_is io, uint32_t text)
{
	struct descriptor_lane *d = io == IO_OTHER ? NULL : lane_of_descriptor(e->process, fd);
	if (d)
		add_mark(io == IO_READ ? &d->reads : &d->writes, event_begin(e), e->duration, text);
}

static void draw_ctl(const struct trace_event *e)
{
	struct descriptor_lane *d = lane_of_descriptor(e->process, e->fd);
	if (!d || e->result < 0)
		return;
	for (unsigned i = 0; i < d->watched_count; i++)
		if (!d->watched[i].to && d->watched[i].epfd == e->epfd)
			d->watched[i].to = e->end;
	if (e->asked.length && d->watched_count < WATCHED_MAX)
		d->watched[d->watched_count++] =
			(struct watched){e->end, 0, (int32_t)e->epfd, e->asked.of[0].events};
}

/* A damaged trace may span centuries of nanoseconds. */
static int64_t twice(int64_t time)
{
	return time < 0 ? 0 : time > INT64_MAX / 2 ? INT64_MAX : 2 * time;
}

static void draw_finding(const struct trace_event *e)
{
	struct thread_lane *t = lane_of_thread(loops_thread(&drawing->drawn, e)->ordinal);
	struct descriptor_lane *d = lane_of_descriptor(e->process, e->fd);
	size_t number = findings_met++;
	if (t && number < drawing->finding_count && lane_recent(&t->lane))
		drawing->findings[number]->near = twice(e->end - lane_recent(&t->lane));
	if (t)
		lane_keep(&t->lane);
	if (!d)
		return;
	lane_keep(&d->ready);
	lane_keep(&d->reads);
	lane_keep(&d->writes);
}

static void draw_call(const struct trace_event *e)
{
	uint32_t text = text_of_call(e);
	if (is_wait(e))
		draw_wait(e, text);
	else if (e->op >= 0)
		draw_ctl(e);
	draw_io(e, e->fd, io_of(e->name), text);
	draw_io(e, e->in, IO_READ, text);
	draw_io(e, e->out, IO_WRITE, text);
}

static void draw(const struct trace_event *e)
{
	struct descriptor_lane *d =
		e->what == EVENT_CLOSED ? lane_of_descriptor(e->process, e->fd) : NULL;
	for (unsigned i = 0; d && i < d->watched_count; i++)
		if (!d->watched[i].to)
			d->watched[i].to = e->end;
	loops_take(&drawing->drawn, e);
	if (e->what == EVENT_CALL)
		draw_call(e);
	else if (e->what == EVENT_FINDING)
		draw_finding(e);
}

static void end_lanes(struct drawing *d)
{
	loops_end(&d->drawn);
	for (size_t i = 0; i < d->thread_count; i++)
		lane_end(&d->threads[i]->lane);
	for (size_t i = 0; i < d->descriptor_count; i++) {
		lane_end(&d->descriptors[i]->ready);
		lane_end(&d->descriptors[i]->reads);
		lane_end(&d->descriptors[i]->writes);
	}
}

void drawing_make(struct drawing *d, const char *path)
{
	drawing = d;
	d->path = path;
	d->reading = read_trace(path, count);
	loops_end(&d->counted);
	loops_sort(&d->counted);
	choose_descriptors(d);
	choose_threads(d);
	d->drawn.turn_ended = turn_ended;
	read_again(path, draw);
	end_lanes(d);
}

/* One function for each kind of event; each is written on a line of its own. */
#include "export.h"

#include "json.h"
#include "line.h"
#include "stats.h"

static struct json json;

void export_begin(FILE *to)
{
	json = (struct json){.out = to};
	json_open(&json, NULL, '{');
	json_string(&json, "displayTimeUnit", "ns");
	json_open(&json, "traceEvents", '[');
}

FILE *export_end(void)
{
	json_close(&json, '[');
	json_close(&json, '{');
	putc('\n', json.out);
	return json.out;
}

/* Microseconds, to the nanosecond. What began before the first event ended begins with the trace.
 */
static void add_time(const char *key, int64_t ns)
{
	ns = ns > 0 ? ns : 0;
	fprintf(json.out, ",\"%s\":%lld.%03lld", key, (long long)(ns / 1000),
		(long long)(ns % 1000));
}

static void begin_event(const char *phase, int32_t pid, int64_t track, const char *name)
{
	json_open(&json, NULL, '{');
	json_string(&json, "ph", phase);
	json_number(&json, "pid", pid);
	json_number(&json, "tid", track);
	json_string(&json, "name", name);
}

static void end_event(void)
{
	json_close(&json, '{');
	putc('\n', json.out);
}

static void add_call(const struct trace_event *e)
{
	char line[1024];
	struct text t = TEXT_IN(line);
	line_event(&t, e);
	json_open(&json, "args", '{');
	json_string(&json, "call", line);
	json_close(&json, '{');
}

void export_slice(const struct trace_event *e, int64_t at)
{
	begin_event("X", e->process->pid, e->tid, e->name);
	add_time("ts", at);
	add_time("dur", at < 0 ? e->duration + at : e->duration);
	json_string(&json, "cat", "call");
	add_call(e);
	end_event();
}

void export_instant(const struct trace_event *e, int64_t track, int64_t at, const char *name)
{
	begin_event("i", e->process->pid, track, name);
	add_time("ts", at);
	json_string(&json, "s", "t");
	json_string(&json, "cat", e->what == EVENT_FINDING ? "finding" : "descriptor");
	add_call(e);
	end_event();
}

void export_flow(bool ends, uint64_t flow, int32_t pid, int64_t track, int64_t at)
{
	begin_event(ends ? "f" : "s", pid, track, "served");
	add_time("ts", at);
	json_number(&json, "id", (int64_t)flow);
	json_string(&json, "cat", "served");
	json_string(&json, "bp", ends ? "e" : "");
	end_event();
}

void export_life(const struct descriptor *d, int64_t from, int64_t to)
{
	char name[160];
	snprintf(name, sizeof(name), "%d %s", d->fd, descriptor_is(d));
	begin_event("X", d->process->pid, track_of_descriptor(d->fd), name);
	add_time("ts", from);
	add_time("dur", to > from ? to - from : 0);
	json_string(&json, "cat", "descriptor");
	json_open(&json, "args", '{');
	stats_descriptor_json(&json, d);
	json_close(&json, '{');
	end_event();
	export_track(d->process, track_of_descriptor(d->fd), "descriptor", d->fd);
}

static void name_track(int32_t pid, int64_t track, const char *what, const char *name)
{
	begin_event("M", pid, track, what);
	json_open(&json, "args", '{');
	json_string(&json, "name", name);
	json_close(&json, '{');
	end_event();
}

/* In the order of their numbers: threads, instances, descriptors. */
static void sort_track(int32_t pid, int64_t track)
{
	begin_event("M", pid, track, "thread_sort_index");
	json_open(&json, "args", '{');
	json_number(&json, "sort_index", track);
	json_close(&json, '{');
	end_event();
}

void export_track(const struct traced_process *p, int64_t track, const char *what, int64_t number)
{
	char name[64];
	snprintf(name, sizeof(name), "%s %lld", what, (long long)number);
	name_track(p->pid, track, "thread_name", name);
	sort_track(p->pid, track);
}

void export_thread(const struct thread *t)
{
	export_track(t->process, t->tid, "thread", t->tid);
	name_track(t->process->pid, t->tid, "process_name", t->process->program);
}

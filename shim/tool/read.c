/* Knows which process and thread an event is of, and keeps the call sites of each process. */
#include "read.h"

#include "refuse.h"

#include <stdio.h>
#include <string.h>

char read_damage[READ_DAMAGE_MAX][256];

#if HAVE_BABELTRACE

#include "gather.h"
#include "graph.h"
#include "progress.h"
#include "shape.h"

/* One folder: its process, and the event classes by stream class and id. */
enum { CLASSES = 2, IDS = 256 };

struct folder {
	const bt_trace *trace; /* NULL: of a trace that was read before */
	struct traced_process process;
	int64_t overwritten;
	struct shape *shapes[CLASSES][IDS];
};

static struct folder **folders;
static size_t folder_count, first_folder;
static struct reading result;
static void (*take_event)(const struct trace_event *);
static struct trace_event event;
static bool silent;

static void *kept(void *memory)
{
	if (!memory)
		refuse(FAILED, "out of memory");
	return memory;
}

static void damaged(const char *what, const char *why)
{
	progress_end();
	if (!silent)
		say("%s: damaged; what is whole of it is read: %s", what, why);
	if (result.damaged < READ_DAMAGE_MAX)
		snprintf(read_damage[result.damaged], sizeof(read_damage[0]), "%s: %s", what, why);
	result.damaged++;
}

/* --- processes --- */

static int64_t environment_number(const bt_trace *trace, const char *name)
{
	const bt_value *v = bt_trace_borrow_environment_entry_value_by_name_const(trace, name);
	return v && bt_value_is_signed_integer(v) ? bt_value_integer_signed_get(v) : 0;
}

static void environment_words(const bt_trace *trace, const char *name, char *to, size_t size)
{
	const bt_value *v = bt_trace_borrow_environment_entry_value_by_name_const(trace, name);
	snprintf(to, size, "%s", v && bt_value_is_string(v) ? bt_value_string_get(v) : "");
}

static struct folder *new_folder(const bt_trace *trace)
{
	struct folder *f = kept(calloc(1, sizeof(*f)));
	folders = kept(realloc(folders, (folder_count + 1) * sizeof(*folders)));
	f->trace = trace;
	f->process.pid = (int32_t)environment_number(trace, "vpid");
	environment_words(trace, "program", f->process.program, sizeof(f->process.program));
	environment_words(trace, "hostname", f->process.host, sizeof(f->process.host));
	return folders[folder_count++] = f;
}

static struct folder *folder_of(const bt_stream *stream)
{
	static struct folder *last;
	const bt_trace *trace = bt_stream_borrow_trace_const(stream);
	if (last && last->trace == trace)
		return last;
	for (size_t i = first_folder; i < folder_count; i++)
		if (folders[i]->trace == trace)
			return last = folders[i];
	return last = new_folder(trace);
}

/* The numbers of sites are given in their order, so that there are no more than are used. */
static void keep_site(struct traced_process *p, const struct stack *site)
{
	size_t wanted = (size_t)event.site + 1;
	if (p->site_count < wanted) {
		p->sites = kept(realloc(p->sites, wanted * sizeof(*p->sites)));
		memset(p->sites + p->site_count, 0, (wanted - p->site_count) * sizeof(*p->sites));
		p->site_count = wanted;
	}
	if (!p->sites[event.site])
		p->sites[event.site] = kept(malloc(sizeof(*site)));
	*p->sites[event.site] = *site;
}

/* --- events --- */

static const struct shape *shape_in(struct folder *f, const bt_event *from)
{
	const bt_event_class *class = bt_event_borrow_class_const(from);
	const bt_stream_class *stream = bt_event_class_borrow_stream_class_const(class);
	uint64_t row = bt_stream_class_get_id(stream), id = bt_event_class_get_id(class);
	if (row >= CLASSES || id >= IDS)
		return NULL;
	if (!f->shapes[row][id]) {
		f->shapes[row][id] = kept(malloc(sizeof(struct shape)));
		shape_of(f->shapes[row][id], class);
	}
	return f->shapes[row][id];
}

static void take(const bt_event *from, int64_t ns)
{
	static struct stack site;
	struct folder *f = folder_of(bt_event_borrow_stream_const(from));
	const struct shape *shape = shape_in(f, from);
	if (!shape)
		return;
	event.process = &f->process;
	event.tid = (int32_t)shape_context(bt_event_borrow_packet_const(from), "tid");
	event.end = ns;
	site.depth = 0;
	shape_read(shape, from, &event, &site);
	if (shape->is_site) {
		keep_site(&f->process, &site);
		return;
	}
	if (!result.events++ || event_begin(&event) < result.first)
		result.first = event_begin(
			&event); /* a wait may have begun before all that ended earlier */
	result.last = ns;
	progress(result.events, "events read");
	take_event(&event);
}

/* Each packet tells how many were overwritten before it: the highest of a process is its total. */
static void packet(const bt_packet *from)
{
	struct folder *f = folder_of(bt_packet_borrow_stream_const(from));
	int64_t told = shape_context(from, "overwritten");
	if (told > f->overwritten)
		f->overwritten = told;
}

static void discarded(const bt_stream *stream, uint64_t events)
{
	(void)stream;
	result.discarded += events;
}

static struct reading read_from(const char *path, void (*taker)(const struct trace_event *))
{
	static struct gathered gathered;
	static const struct graph_events to = {take, packet, discarded, damaged};
	memset(&result, 0, sizeof(result));
	first_folder = folder_count;
	take_event = taker;
	gather(&gathered, path, damaged);
	graph_read(gathered.folders, gathered.count, &to);
	gather_end(&gathered);
	progress_end();
	for (size_t i = first_folder; i < folder_count; i++) {
		result.overwritten += (uint64_t)folders[i]->overwritten;
		folders[i]->trace = NULL;
	}
	result.processes = (unsigned)(folder_count - first_folder);
	return result;
}

struct reading read_trace(const char *path, void (*taker)(const struct trace_event *))
{
	silent = false;
	return read_from(path, taker);
}

struct reading read_again(const char *path, void (*taker)(const struct trace_event *))
{
	silent = true;
	return read_from(path, taker);
}

struct reading read_live(const char *path, void (*taker)(const struct trace_event *))
{
	return read_trace(path, taker);
}

#else

struct reading read_trace(const char *path, void (*taker)(const struct trace_event *))
{
	(void)taker;
	refuse(FAILED,
		"%s: traces are read by libbabeltrace2, which was not there when pollcheck was "
		"built; install it (Debian: libbabeltrace2-dev) and build again",
		path);
}

struct reading read_again(const char *path, void (*taker)(const struct trace_event *))
{
	return read_trace(path, taker);
}

struct reading read_live(const char *path, void (*taker)(const struct trace_event *))
{
	return read_trace(path, taker);
}

#endif

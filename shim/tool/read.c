/* Knows which process and thread an event is of, and keeps the call sites of each process. */
#include "read.h"

#include "refuse.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

char read_damage[READ_DAMAGE_MAX][256];

#if HAVE_BABELTRACE

#include "gather.h"
#include "graph.h"
#include "live.h"
#include "progress.h"
#include "shape.h"
#include "table.h"

/* One folder: its process, and the event classes by stream class and id. */
enum { CLASSES = 2, IDS = 256, LOOK_EVERY = 4096 };

struct folder {
	const bt_trace *trace; /* NULL: of a trace that was read before */
	struct traced_process *process;
	bool owns; /* mended packets have folders of their own, and the process of another */
	int64_t overwritten;
	struct shape *shapes[CLASSES][IDS];
};

static struct folder **folders, *last_folder;
static size_t folder_count, first_folder;
static struct reading result;
static void (*take_event)(const struct trace_event *);
static struct trace_event event;
static bool silent;
static bool live; /* the same packets are read again and again, as they grow */

static void *kept(void *memory)
{
	if (!memory)
		refuse(FAILED, "out of memory");
	return memory;
}

static void damaged(const char *what, const char *why)
{
	if (!silent)
		say("%s: damaged; what is whole of it is read: %s", what, why);
	if (result.damaged < READ_DAMAGE_MAX)
		snprintf(read_damage[result.damaged], sizeof(read_damage[0]), "%s: %s", what, why);
	result.damaged++;
}

/* --- processes --- */

/* A folder has an identity, and so have those made of its parts. */
static struct traced_process *process_of(const bt_trace *trace)
{
	bt_uuid uuid = bt_trace_get_uuid(trace);
	for (size_t i = first_folder; uuid && i < folder_count; i++) {
		bt_uuid other = bt_trace_get_uuid(folders[i]->trace);
		if (other && memcmp(uuid, other, 16) == 0)
			return folders[i]->process;
	}
	result.processes++;
	return shape_process(trace);
}

static struct folder *new_folder(const bt_trace *trace)
{
	struct folder *f = new_memory(sizeof(*f));
	folders = kept(realloc(folders, (folder_count + 1) * sizeof(*folders)));
	f->trace = trace;
	unsigned before = result.processes;
	f->process = process_of(trace);
	f->owns = result.processes > before;
	return folders[folder_count++] = f;
}

static struct folder *folder_of(const bt_stream *stream)
{
	const bt_trace *trace = bt_stream_borrow_trace_const(stream);
	if (last_folder && last_folder->trace == trace)
		return last_folder;
	for (size_t i = first_folder; i < folder_count; i++)
		if (folders[i]->trace == trace)
			return last_folder = folders[i];
	return last_folder = new_folder(trace);
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

/* How far a stream was read, over all readings of a live trace; and in this one. */
struct position {
	int64_t taken, next;
};

static struct position *position_of(const bt_stream *stream)
{
	static struct table positions;
	const bt_trace *trace = bt_stream_borrow_trace_const(stream);
	uint64_t identity[2] = {0};
	bt_uuid uuid = bt_trace_get_uuid(trace);
	if (uuid)
		memcpy(identity, uuid, sizeof(identity));
	uint64_t class = bt_stream_class_get_id(bt_stream_borrow_class_const(stream));
	uint64_t number = bt_stream_get_id(stream) << 1 | (class & 1);
	void **place = table_at(&positions, (void *)(uintptr_t)(identity[0] | 1),
		(int64_t)(identity[1] ^ number * 0x9e3779b97f4a7c15ull));
	if (!*place)
		*place = new_memory(sizeof(struct position));
	return *place;
}

static bool was_taken(const bt_stream *stream)
{
	struct position *p = position_of(stream);
	if (p->next++ < p->taken)
		return true;
	p->taken = p->next;
	return false;
}

static void take(const bt_event *from, int64_t ns)
{
	static struct stack site;
	if (live && was_taken(bt_event_borrow_stream_const(from)))
		return;
	struct folder *f = folder_of(bt_event_borrow_stream_const(from));
	const struct shape *shape = shape_in(f, from);
	if (!shape)
		return;
	event.process = f->process;
	event.tid = (int32_t)shape_context(bt_event_borrow_packet_const(from), "tid");
	event.end = ns;
	site.depth = 0;
	shape_read(shape, from, &event, &site);
	if (shape->is_site) {
		keep_site(f->process, &site);
		return;
	}
	if (!result.events++ || event_begin(&event) < result.first)
		result.first = event_begin(
			&event); /* a wait may have begun before all that ended earlier */
	result.last = ns;
	if (result.events % LOOK_EVERY == 0)
		progress(result.events, "events read");
	take_event(&event);
}

/* Each packet tells how many were overwritten before it: the highest of a process is its total. */
static void packet(const bt_packet *from)
{
	const bt_stream *stream = bt_packet_borrow_stream_const(from);
	struct folder *f = folder_of(stream);
	if (live)
		position_of(stream)->next = shape_context(from, "events_before");
	int64_t told = shape_context(from, "overwritten");
	if (told > f->overwritten)
		f->overwritten = told;
}

static void discarded(const bt_stream *stream, uint64_t events)
{
	(void)stream;
	result.discarded += events;
}

static const struct graph_events to = {take, packet, discarded, damaged};

static struct reading read_from(const char *path, void (*taker)(const struct trace_event *))
{
	static struct gathered gathered;
	memset(&result, 0, sizeof(result));
	first_folder = folder_count;
	take_event = taker;
	gather(&gathered, path, damaged);
	bool whole = graph_read(&gathered, &to);
	gather_end(&gathered);
	if (!whole)
		refuse(FAILED, "%s: it changed while it was read; read it again", path);
	progress_end();
	for (size_t i = first_folder; i < folder_count; i++) {
		result.overwritten += (uint64_t)folders[i]->overwritten;
		folders[i]->trace = NULL;
	}
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

static void forget_process(struct traced_process *p)
{
	for (size_t site = 0; site < p->site_count; site++)
		free(p->sites[site]);
	free(p->sites);
	free(p);
}

/* Nobody keeps events of a live trace, and it may go on for days. */
static void forget(void)
{
	for (size_t i = first_folder; i < folder_count; i++) {
		struct folder *f = folders[i];
		for (int at = 0; at < CLASSES * IDS; at++)
			free(f->shapes[at / IDS][at % IDS]);
		if (f->owns)
			forget_process(f->process);
		free(f);
	}
	folder_count = first_folder;
	last_folder = NULL;
}

enum { PAUSE_US = 100000 };

struct reading read_live(const char *path, void (*taker)(const struct trace_event *))
{
	static struct gathered gathered, whole;
	bool grew = true, goes_on = true;
	live = true;
	take_event = taker;
	for (; grew || goes_on; usleep(goes_on ? PAUSE_US : 0)) {
		goes_on = live_goes_on(path);
		grew = live_gather(&gathered, path);
		if (!graph_read(&gathered, &to)) {
			gather_whole(&whole, &gathered, damaged);
			graph_read(&whole, &to);
			gather_end(&whole);
		}
		gather_end(&gathered);
		forget();
		fflush(stdout);
	}
	return result;
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

/* `pollcheck export --perfetto`: the Trace Event Format that ui.perfetto.dev and chrome://tracing
 * read. A track for each thread; epoll instances and descriptors are tracks too, by thread numbers
 * that no thread can have. */
#include "export.h"

#include "line.h"
#include "loops.h"
#include "output.h"
#include "progress.h"
#include "read.h"
#include "readers.h"
#include "refuse.h"
#include "request.h"

#include <string.h>

static struct loops loops;
static int64_t begin; /* of the trace */
static uint64_t flows;

static void take_served(const struct thread *t, const struct trace_event *e)
{
	flows++;
	export_flow(false, flows, e->process->pid, t->tid, t->wait_begin - begin);
	export_flow(true, flows, e->process->pid, e->tid, event_begin(e) - begin);
}

/* --- tracks --- */

static void take_wait(const struct trace_event *e)
{
	if (e->epfd >= 0)
		export_instant(e, track_of_instance(e->epfd), e->end - begin,
			e->result < 0 ? "failed" : "wait ended");
	for (uint32_t i = 0; i < e->ready.length; i++)
		if (e->ready.of[i].fd >= 0)
			export_instant(e, track_of_descriptor(e->ready.of[i].fd), e->end - begin,
				"reported");
}

static void take_call(const struct trace_event *e)
{
	export_slice(e, event_begin(e) - begin);
	if (is_wait(e))
		take_wait(e);
	if (e->op >= 0 && e->epfd >= 0)
		export_instant(e, track_of_instance(e->epfd), e->end - begin, e->name);
	if (e->fd >= 0)
		export_instant(e, track_of_descriptor(e->fd), event_begin(e) - begin, e->name);
}

static void take(const struct trace_event *e)
{
	if (!begin)
		begin = event_begin(e);
	loops_take(&loops, e);
	if (e->what == EVENT_CALL)
		take_call(e);
	else if (e->what == EVENT_FINDING)
		export_instant(e, e->tid, e->end - begin, rules[e->finding.rule].slug);
}

/* A descriptor's life is known at its end. */
static void name_tracks(int64_t end)
{
	for (size_t i = 0; i < loops.count; i++) {
		const struct descriptor *d = loops.all[i];
		export_life(d, (d->born ? d->born : begin) - begin,
			(d->closed ? d->closed : end) - begin);
	}
	for (size_t i = 0; i < loops.loop_count; i++)
		if (loops.loops[i]->epfd >= 0)
			export_track(loops.loops[i]->process,
				track_of_instance(loops.loops[i]->epfd), "epoll instance",
				loops.loops[i]->epfd);
	for (size_t i = 0; i < loops.thread_count; i++)
		export_thread(loops.every_thread[i]);
}

int export_run(int argc, char **argv)
{
	struct request r = request_parse(EXPORT, argc, argv);
	const char *path = r.value[READING_OUTPUT] ? r.value[READING_OUTPUT] : "-";
	if (!r.value[READING_PERFETTO])
		refuse(USAGE, "export: say in which form: --perfetto");
	progress_begin(strcmp(path, "-") == 0);
	export_begin(output_open(path));
	loops.served = take_served;
	struct reading reading = read_trace(r.traces[0], take);
	name_tracks(reading.last);
	output_close(export_end(), path);
	return 0;
}

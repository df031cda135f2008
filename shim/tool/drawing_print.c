/* The data of the page, as page/ reads it. Times are nanoseconds since the trace's begin. */
#include "drawing.h"

#include "json.h"
#include "line.h"
#include "render.h"
#include "stats.h"
#include "symbolise.h"
#include "texts.h"

#include <string.h>
#include <time.h>

enum { LOOPS_SHOWN = 32 };

static const struct drawing *d;
static struct json json;
/* Only texts that a mark has are written: the number each has on the page, and back. */
static uint32_t *renumbered, *written, text_count;

static int64_t since(int64_t at)
{
	return at > d->reading.first ? at - d->reading.first : 0;
}

/* --- lanes --- */

static uint32_t text_number(uint32_t text)
{
	if (text && !renumbered[text]) {
		renumbered[text] = ++text_count;
		written[text_count] = text;
	}
	return renumbered[text];
}

static int64_t share(int64_t part, int64_t whole)
{
	return whole ? (int64_t)(100.0 * (double)part / (double)whole) : 0;
}

/* Flat, and starts as distances: a lane has thousands. */
static void print_marks(const char *key, const struct lane *l, bool shares)
{
	int64_t last = 0;
	json_open(&json, key, '[');
	for (size_t i = 0; i < l->used; i++) {
		const struct mark *m = &l->marks[i];
		int64_t start = since(m->start) > last ? since(m->start) : last;
		json_number(&json, NULL, start - last);
		json_number(&json, NULL, m->length);
		json_number(&json, NULL, m->n);
		if (shares) {
			json_number(&json, NULL, share(m->blocked, m->length));
			json_number(&json, NULL, share(m->spinning, m->length));
		}
		json_number(&json, NULL, text_number(m->text));
		last = start;
	}
	json_close(&json, '[');
}

/* With the process where there are several. */
static void print_about(const char *key, const char *about, const struct traced_process *p)
{
	char words[192];
	struct text t = TEXT_IN(words);
	text_add(&t, "%s", about);
	if (d->reading.processes > 1)
		text_add(&t, "%sprocess %d", t.used ? ", " : "", p->pid);
	json_string(&json, key, words);
}

static void print_thread(const struct thread_lane *t)
{
	json_open(&json, NULL, '{');
	json_number(&json, "tid", t->thread->tid);
	print_about("about", t->about ? t->about : "no wait", t->thread->process);
	print_marks("spans", &t->lane, true);
	json_close(&json, '{');
}

static void print_watched(const struct descriptor_lane *lane)
{
	json_open(&json, "watched", '[');
	for (unsigned i = 0; i < lane->watched_count; i++) {
		const struct watched *w = &lane->watched[i];
		char mask[256], how[320];
		struct text bits = TEXT_IN(mask), words = TEXT_IN(how);
		render_mask(&bits, w->events, "EPOLL");
		text_add(&words, "%s with epoll instance %d", mask, w->epfd);
		json_open(&json, NULL, '{');
		json_number(&json, "from", since(w->from));
		if (w->to)
			json_number(&json, "to", since(w->to));
		json_string(&json, "how", how);
		json_close(&json, '{');
	}
	json_close(&json, '[');
}

static void print_descriptor(const struct descriptor_lane *lane)
{
	const struct descriptor *counted = lane->descriptor;
	json_open(&json, NULL, '{');
	print_about("is", descriptor_is(counted), counted->process);
	stats_descriptor_json(&json, counted);
	if (counted->born)
		json_number(&json, "born", since(counted->born));
	if (counted->closed)
		json_number(&json, "closed", since(counted->closed));
	print_watched(lane);
	print_marks("ready_marks", &lane->ready, false);
	print_marks("read_marks", &lane->reads, false);
	print_marks("write_marks", &lane->writes, false);
	json_close(&json, '{');
}

/* --- findings --- */

static void print_stack(const char *key, const struct stack *s)
{
	json_open(&json, key, '[');
	for (uint32_t i = 0; i < s->depth; i++) {
		const struct frame *f = &s->frames[i];
		json_open(&json, NULL, '{');
		json_string(&json, "function", f->function);
		json_string(&json, "file", f->file);
		json_number(&json, "line", f->line);
		json_string(&json, "module", f->module);
		json_number(&json, "offset", (int64_t)f->offset);
		json_close(&json, '{');
	}
	json_close(&json, '[');
}

static void print_evidence(const struct finding *f)
{
	static const char *const severities[] = {"note", "warning", "error"};
	json_string(&json, "rule", rules[f->rule].slug);
	json_string(&json, "severity", severities[f->severity]);
	json_string(&json, "message", f->message);
	json_string(&json, "call", f->call);
	json_number(&json, "fd", f->fd);
	json_string(&json, "fd_is", f->fd_is);
	json_number(&json, "pid", f->pid);
	json_number(&json, "tid", f->tid);
	json_string(&json, "confirmed_by", f->confirmed_by);
	json_string(&json, "hint", f->hint);
	print_stack("stack", &f->stack);
	json_open(&json, "related", '[');
	for (uint32_t i = 0; i < f->related_count; i++) {
		json_open(&json, NULL, '{');
		json_string(&json, "what", f->related[i].what);
		print_stack("stack", &f->related[i].stack);
		json_close(&json, '{');
	}
	json_close(&json, '[');
}

static void print_finding(struct shown_finding *f)
{
	size_t lane = f->descriptor == SIZE_MAX ? SIZE_MAX : d->lane_of_descriptor[f->descriptor];
	size_t thread = d->lane_of_thread[f->thread];
	symbolise(&f->finding);
	json_open(&json, NULL, '{');
	print_evidence(&f->finding);
	json_number(&json, "at", since(f->finding.time_ns));
	json_number(&json, "near", f->near);
	if (lane != SIZE_MAX)
		json_number(&json, "lane", (int64_t)lane);
	if (thread != SIZE_MAX)
		json_number(&json, "thread", (int64_t)thread);
	json_close(&json, '{');
}

static void print_rules(void)
{
	bool met[RULES] = {false};
	json_open(&json, "rules", '{');
	for (size_t i = 0; i < d->finding_count; i++) {
		const struct rule *r = &rules[rule_first_row(d->findings[i]->finding.rule)];
		if (met[r - rules])
			continue;
		met[r - rules] = true;
		json_open(&json, r->slug, '{');
		json_string(&json, "help", r->help);
		json_string(&json, "page", r->page);
		json_string(&json, "fixed", r->fixed);
		json_close(&json, '{');
	}
	json_close(&json, '{');
}

/* --- numbers --- */

static void print_loop(const struct loop *l)
{
	char name[96];
	stats_loop_name(name, sizeof(name), &d->reading, l);
	json_open(&json, NULL, '{');
	json_string(&json, "name", name);
	stats_counts_json(&json, l);
	stats_octaves_json(&json, "lag", &l->lag);
	stats_octaves_json(&json, "wait", &l->wait);
	stats_octaves_json(&json, "events", &l->events);
	json_close(&json, '{');
}

static void print_begun(void)
{
	char begun[64] = "";
	time_t seconds = (time_t)(d->reading.first / 1000000000);
	struct tm parts;
	if (d->reading.events && gmtime_r(&seconds, &parts))
		strftime(begun, sizeof(begun), "%Y-%m-%d %H:%M:%S UTC", &parts);
	json_string(&json, "begun", begun);
}

static void print_head(void)
{
	stats_reading_json(&json, d->path, &d->reading);
	json_string(&json, "version", POLLCHECK_VERSION);
	if (d->thread_count)
		json_string(&json, "program", d->threads[0]->thread->process->program);
	print_begun();
	json_number(&json, "findings_left_out", (int64_t)d->findings_left_out);
	json_number(
		&json, "threads_left_out", (int64_t)(d->counted.thread_count - d->thread_count));
	json_number(
		&json, "descriptors_left_out", (int64_t)(d->counted.count - d->descriptor_count));
}

/* --- the whole --- */

#define EACH(key, count, print)                                                                    \
	json_open(&json, key, '[');                                                                \
	for (size_t i = 0; i < (count); i++)                                                       \
		print;                                                                             \
	json_close(&json, '[')

static size_t at_most(size_t count, size_t most)
{
	return count < most ? count : most;
}

void drawing_print(FILE *to, const struct drawing *drawing)
{
	size_t handlers = 0;
	d = drawing;
	json = (struct json){.out = to};
	renumbered = new_memory(texts() * sizeof(*renumbered));
	written = new_memory(texts() * sizeof(*written));
	while (handlers < HANDLERS && d->counted.slowest[handlers].took)
		handlers++;
	json_open(&json, NULL, '{');
	print_head();
	print_rules();
	EACH("damage", at_most(d->reading.damaged, READ_DAMAGE_MAX),
		json_string(&json, NULL, read_damage[i]));
	EACH("findings", d->finding_count, print_finding(d->findings[i]));
	EACH("threads", d->thread_count, print_thread(d->threads[i]));
	EACH("descriptors", d->descriptor_count, print_descriptor(d->descriptors[i]));
	EACH("instances", at_most(d->counted.loop_count, LOOPS_SHOWN),
		print_loop(d->counted.loops[i]));
	EACH("handlers", handlers,
		stats_handler_json(&json, &d->counted.slowest[i], d->reading.first));
	EACH("texts", text_count, json_string(&json, NULL, text_at(written[i + 1])));
	json_close(&json, '{');
}

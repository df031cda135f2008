/* Composes a finding, decides whether it is said, and writes it: to the command's channel, to a
 * file, or to the standard error the program was started with. */
#include "report.h"

#include "annotations.h"
#include "config.h"
#include "history.h"
#include "process.h"
#include "python.h"
#include "render.h"
#include "render_call.h"
#include "say.h"
#include "sink.h"
#include "stack.h"
#include "suppress.h"
#include "trace.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/* One finding is composed at a time, in memory of its own: stacks may be small. Whoever finds it
 * taken, be it a signal handler that interrupted us, gives up at once; a lost finding is counted,
 * and comes again. */
static struct {
	atomic_flag taken;
	struct finding finding;
	char text[sizeof(struct finding) * 2];
} desk;

static struct summary totals;

/* --- said before? --- */

enum { SAID = 1024 };
static _Atomic uint64_t said[SAID];

/* Findings are told apart by rule, call site and whether they are a note, for a suspicion must not
 * keep the proof from being said. The first of each is written, or suppressed, the others are
 * counted with it. */
static const uint64_t HIDDEN = 1ull << 63;

static uint64_t key_of(enum rule_id rule, const void *site, enum severity severity)
{
	return ((uint64_t)(uintptr_t)site << 9 | (uint64_t)rule << 1 | (severity > NOTE)) + 1;
}

/* Where key is, or will be; NULL when there is no room. */
static _Atomic uint64_t *place_of(uint64_t key)
{
	uint32_t index = (uint32_t)(key * 0x9e3779b97f4a7c15u >> 40) % SAID;
	for (int tries = 0; tries < SAID; tries++, index = (index + 1) % SAID) {
		uint64_t there = GET(said[index]) & ~HIDDEN;
		if (!there || there == key)
			return &said[index];
	}
	return NULL;
}

static bool counted_before(enum rule_id rule, const void *site, enum severity severity)
{
	_Atomic uint64_t *place = place_of(key_of(rule, site, severity));
	uint64_t there = place ? GET(*place) : 1; /* no room: counted, never said */
	if (there)
		__atomic_fetch_add(there & HIDDEN ? &totals.suppressed : &totals.counts[rule], 1,
			__ATOMIC_RELAXED);
	return there != 0;
}

/* --- composition --- */

static void add_value(struct text *t, const char *name, size_t length, const struct call *c,
	const struct evidence *e)
{
	if (!strncmp(name, "fd", length))
		text_add(t, "%d", e->fd);
	else if (!strncmp(name, "epfd", length))
		text_add(t, "%d", e->epfd);
	else if (!strncmp(name, "n", length))
		text_add(t, "%lld", (long long)e->n);
	else if (!strncmp(name, "m", length))
		text_add(t, "%lld", (long long)e->m);
	else if (!strncmp(name, "why", length))
		text_add(t, "%s", e->why ? e->why : "");
	else if (!strncmp(name, "blocked", length) && e->n)
		text_add(t, ": blocked for %lld ms meanwhile", (long long)e->n);
	else if (!strncmp(name, "blocked", length))
		text_add(t, ": a wait without limit begins");
	else if (!strncmp(name, "run", length))
		text_add(t, "%u wake-ups in %llu %s without progress", e->run,
			(unsigned long long)(e->lasted_us < 10000 ? e->lasted_us
								  : e->lasted_us / 1000),
			e->lasted_us < 10000 ? "us" : "ms");
	else if (!strncmp(name, "call", length))
		text_add(t, "%s", calls[c->id].name);
	else if (!strncmp(name, "mask", length))
		render_mask(t, e->mask, c->epfd >= 0 ? "EPOLL" : "POLL");
	else if (!strncmp(name, "op", length))
		render_op(t, c->op);
	else
		text_add(t, "%s", render_errno(c->error));
}

static void fill_in(
	char *to, size_t size, const char *sentence, const struct call *c, const struct evidence *e)
{
	struct text t = {.start = to, .size = size};
	while (*sentence) {
		size_t plain = strcspn(sentence, "{");
		text_add(&t, "%.*s", (int)plain, sentence);
		sentence += plain;
		if (!*sentence)
			break;
		size_t length = strcspn(++sentence, "}");
		add_value(&t, sentence, length, c, e);
		sentence += length + 1;
	}
}

static void compose(
	struct finding *f, enum rule_id rule, const struct call *c, const struct evidence *e)
{
	struct timespec now;
	struct text call = TEXT_IN(f->call);
	memset(f, 0, sizeof(*f));
	clock_gettime(CLOCK_REALTIME, &now);
	f->rule = rule;
	f->severity = e->severity;
	f->count = e->run ? e->run : 1;
	f->result = c->result == NOT_MADE ? 0 : c->result;
	f->error = f->result < 0 ? c->error : 0;
	f->epfd = e->epfd;
	f->fd = e->fd;
	f->time_ns = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
	if (may_make_system_calls()) {
		f->pid = process_pid();
		f->tid = process_confined ? f->pid : (int32_t)SYSTEM(gettid);
	}
	fill_in(f->message, sizeof(f->message), rules[rule].sentence, c, e);
	if (e->hint)
		fill_in(f->hint, sizeof(f->hint), e->hint, c, e);
	strncpy(f->call_name, calls[c->id].name, sizeof(f->call_name) - 1);
	render_call(&call, c, 4);
	if (e->confirmed_by)
		strncpy(f->confirmed_by, e->confirmed_by, sizeof(f->confirmed_by) - 1);
	if (e->fd >= 0 && e->record && fd_alive(e->record))
		fd_describe(e->fd, f->fd_is, sizeof(f->fd_is));
	if (e->past) {
		site_stack(e->past, &f->stack);
	} else {
		stack_here(c->site, &f->stack);
		python_lines(&f->stack);
	}
	history_relate(f, e);
}

/* --- output --- */

static void write_finding(const struct finding *f)
{
	if (sink_channel_finding(f) || f->suppressed)
		return;
	sink_report(desk.text,
		config.report_format == REPORT_JSON
			? render_finding_json(desk.text, sizeof(desk.text), f)
			: render_finding_text(desk.text, sizeof(desk.text), f, sink_colored()));
}

static void write_summary(const struct summary *s, bool anything_said)
{
	if (sink_channel_summary(s) || !anything_said)
		return;
	sink_report(desk.text, config.report_format == REPORT_JSON
				       ? render_summary_json(desk.text, sizeof(desk.text), s)
				       : render_summary_text(desk.text, sizeof(desk.text), s));
}

/* With the desk taken. Whether it was written. */
static bool spoken(enum rule_id rule, const struct call *c, const struct evidence *e)
{
	enum rule_id row = (enum rule_id)rule_first_row(rule);
	uint64_t key = key_of(row, c->site, e->severity);
	if (counted_before(row, c->site, e->severity)) /* by another thread just now */
		return false;
	compose(&desk.finding, rule, c, e);
	bool hidden = suppressed(&desk.finding);
	desk.finding.suppressed = hidden;
	PUT(*place_of(key), key | (hidden ? HIDDEN : 0));
	counted_before(row, c->site, e->severity);
	if (!hidden && GET(trace_on))
		trace_finding(&desk.finding, c);
	write_finding(&desk.finding);
	return !hidden;
}

void report(enum rule_id rule, const struct call *c, const struct evidence *e)
{
	if ((long)e->severity < config.level || annotations_ignore(e) ||
		counted_before((enum rule_id)rule_first_row(rule), c->site, e->severity))
		return;
	uint64_t blocked = process_signals_off();
	if (atomic_flag_test_and_set(&desk.taken)) {
		process_signals_back(blocked);
		__atomic_fetch_add(&totals.lost, 1, __ATOMIC_RELAXED);
		return;
	}
	bool written = spoken(rule, c, e);
	atomic_flag_clear(&desk.taken);
	process_signals_back(blocked);
	if (written && config.abort_on && e->severity == ERROR)
		abort();
}

/* --- beginning and end --- */

void report_start(void)
{
	sink_start();
	sink_load_suppressions();
}

void report_forked(void)
{
	memset(&totals, 0, sizeof(totals));
	atomic_flag_clear(&desk.taken); /* another thread of the parent may have held it */
}

static void describe_coverage(char *to, size_t size)
{
	static const char *const names[] = {
		[IO_URING] = "io_uring instances (registrations and input made through them)",
		[RAW_CLONE] = "raw clones",
		[FD_BEYOND_TABLE] = "descriptors above 1048575",
		[LOST_INSTANCE] = "epoll instances or registrations beyond the tables",
		[UNSHARED_FILES] = "threads with a descriptor table of their own",
	};
	struct text t = {.start = to, .size = size};
	text_add(&t,
		"calls through the C library's dynamic symbols and syscall(2) were seen; not seen:"
		" inline system calls, calls inside the C library, statically linked parts");
	for (int i = 0; i < UNWATCHED_KINDS; i++)
		if (process_unwatched_count((enum unwatched)i))
			text_add(&t, ", %u %s", process_unwatched_count((enum unwatched)i),
				names[i]);
}

/* The counts go over to a copy, one by one: other threads may still be adding to them. Whether
 * there was more than what is suppressed. */
static bool take_totals(struct summary *to)
{
	bool any = false;
	for (int i = 0; i < RULES; i++) {
		to->counts[i] = __atomic_exchange_n(&totals.counts[i], 0, __ATOMIC_RELAXED);
		any |= to->counts[i] != 0;
	}
	to->suppressed = __atomic_exchange_n(&totals.suppressed, 0, __ATOMIC_RELAXED);
	to->lost = __atomic_exchange_n(&totals.lost, 0, __ATOMIC_RELAXED);
	return any || to->lost;
}

void report_end(void)
{
	static struct summary last;
	if (!may_make_system_calls() || atomic_flag_test_and_set(&desk.taken))
		return;
	bool anything_said = take_totals(&last);
	if (anything_said || last.suppressed) {
		last.pid = process_pid();
		describe_coverage(last.coverage, sizeof(last.coverage));
		write_summary(&last, anything_said);
	}
	atomic_flag_clear(&desk.taken);
}

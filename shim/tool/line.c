/* Makes a struct call of an event, for render_call. */
#include "line.h"

#include "fdtable.h"
#include "fetch.h"
#include "render.h"
#include "render_call.h"
#include "symbolise.h"

#include <string.h>

enum { LINE_PAIRS = 64, POLLFDS = 4096 };

static struct epoll_event epoll_events[EVENT_PAIRS];
static struct pollfd pollfds[POLLFDS];
static uint64_t sets[3][ASKED_WORDS];
static struct asked asked;
static struct timespec when;
static struct timeout left; /* of select's */

/* The three sets of select stand for themselves by addresses that are none. */
static const void *set_pointer(int i)
{
	return (const char *)NOT_KEPT + 1 + i;
}

/* render_call asks this for what it may not read: in a trace there is nothing but the sets. */
bool fetch(void *to, const void *from, size_t size)
{
	if (from && from < NOT_KEPT) {
		memcpy(to, from, size);
		return true;
	}
	for (int i = 0; i < 3; i++)
		if (from == set_pointer(i) && size <= sizeof(sets[i])) {
			memcpy(to, sets[i], size);
			return true;
		}
	return false;
}

/* Of select, what is left: what was asked is in c->asked. */
bool fetch_timeout(const struct call *c, struct timeout *to)
{
	*to = c->asked ? left : timeout_in(c, &when);
	return c->asked ? left.seconds >= 0 : c->timeout == &when;
}

/* --- arguments --- */

static void take_timeout(struct call *c, const struct trace_event *e)
{
	bool is_select = strchr(calls[c->id].roles, *SETS) != NULL;
	if (e->timeout_is < 0) {
		c->unit = MILLISECONDS;
		c->milliseconds = (int32_t)e->timeout;
		return;
	}
	c->unit = e->timeout_is == IN_MILLISECONDS                     ? MILLISECONDS
		  : is_select && !strchr(calls[c->id].roles, *SIGMASK) ? TIMEVAL
								       : TIMESPEC;
	c->milliseconds = (int32_t)e->timeout_fraction;
	when = (struct timespec){e->timeout_seconds, e->timeout_fraction};
	c->timeout = e->timeout_is == WITHOUT_LIMIT ? NULL
		     : e->timeout_is == NOT_READ    ? NOT_KEPT
						    : &when;
	if (!is_select || !c->timeout)
		return;
	asked.timeout = timeout_in(c, &when);
	asked.timeout_known = c->timeout == &when;
	c->timeout = NOT_KEPT;
}

static void take_epoll_events(struct call *c, const struct trace_event *e)
{
	const struct event_pairs *from = strchr(calls[c->id].roles, *EVENT) ? &e->asked : &e->ready;
	for (uint32_t i = 0; i < from->length; i++)
		epoll_events[i] =
			(struct epoll_event){from->of[i].events, {.u64 = from->of[i].data}};
	c->array = epoll_events;
	if (strchr(calls[c->id].roles, *EVENT) && !e->asked.length)
		c->array = e->op == EPOLL_CTL_DEL ? NULL : NOT_KEPT;
	if (strchr(calls[c->id].roles, *EVENTS) && c->result < 0)
		c->array = NOT_KEPT;
}

static struct pollfd *pollfd_of(int fd, uint32_t first, uint32_t *used)
{
	for (uint32_t i = first; i < *used; i++)
		if (pollfds[i].fd == fd && !pollfds[i].revents)
			return &pollfds[i];
	pollfds[*used] = (struct pollfd){.fd = fd};
	return &pollfds[(*used)++];
}

/* What was asked and what came back are told apart in a trace; poll(2) has them in one array. */
static void take_pollfds(struct call *c, const struct trace_event *e)
{
	uint32_t used = 0;
	memset(pollfds, 0, sizeof(pollfds[0]) * 2 * EVENT_PAIRS);
	for (; used < e->asked.length; used++)
		pollfds[used] =
			(struct pollfd){e->asked.of[used].fd, (short)e->asked.of[used].events, 0};
	for (uint32_t i = 0; i < e->ready.length; i++)
		pollfd_of(e->ready.of[i].fd, 0, &used)->revents = (short)e->ready.of[i].events;
	bool kept = e->nfds == 0 || used > 0;
	c->array = kept && e->nfds <= 2 * EVENT_PAIRS ? pollfds : NOT_KEPT;
}

static void add_descriptor(uint64_t *set, uint32_t fd)
{
	if (fd < FD_SETSIZE)
		set[fd / 64] |= 1ull << fd % 64;
}

/* The number after the last. */
static uint32_t fill_set(uint64_t *set, const struct event_pairs *from, uint32_t event)
{
	uint32_t after = 0;
	for (uint32_t i = 0; i < from->length; i++)
		if (from->of[i].events & event) {
			after = (uint32_t)from->of[i].fd + 1;
			add_descriptor(set, after - 1);
		}
	return after;
}

/* How many descriptors of a set select was given, and how many of them were kept. */
static int64_t given_in(const struct trace_event *e, int set)
{
	return set == 0 ? e->readfds : set == 1 ? e->writefds : e->exceptfds;
}

static uint32_t kept_of(const struct trace_event *e, int set)
{
	uint32_t kept = 0;
	for (uint32_t i = 0; i < e->asked.length; i++)
		kept += (e->asked.of[i].events & set_events[set]) != 0;
	return kept;
}

/* What was asked and what came back; one descriptor more for all that were not kept. */
static void take_sets(struct call *c, const struct trace_event *e)
{
	memset(sets, 0, sizeof(sets));
	for (int i = 0; i < 3; i++) {
		bool there = e->sets & set_events[i];
		fill_set(sets[i], &e->ready, set_events[i]);
		uint32_t after = fill_set(asked.sets[i], &e->asked, set_events[i]);
		if (given_in(e, i) > kept_of(e, i))
			add_descriptor(asked.sets[i], after);
		asked.set_known[i] = there && given_in(e, i) >= 0;
		c->sets[i] = (fd_set *)(there ? set_pointer(i) : NULL);
	}
	c->asked = &asked;
	left = (struct timeout){e->left_seconds, e->left_fraction};
}

static void call_of(struct call *c, const struct trace_event *e)
{
	const char *roles = calls[e->call].roles;
	call_begun(c, (enum call_id)e->call, NULL);
	c->epfd = (int32_t)e->epfd;
	c->fd = (int32_t)e->fd;
	c->op = (int32_t)e->op;
	c->result = e->result;
	c->error = (int32_t)e->error;
	c->nfds = strchr(roles, *MAXEVENTS)                       ? e->maxevents
		  : strchr(roles, *SIZE) || strchr(roles, *FLAGS) ? e->argument
								  : e->nfds;
	c->sigmask = e->has_sigmask ? &e->sigmask : NULL;
	memset(&asked, 0, sizeof(asked));
	if (strchr(roles, *TIMEOUT))
		take_timeout(c, e);
	if (*roles == *EPFD)
		take_epoll_events(c, e);
	else if (*roles == *FDS)
		take_pollfds(c, e);
	else if (strchr(roles, *SETS))
		take_sets(c, e);
}

/* --- lines --- */

/* A witnessed call: the trace has its descriptor and result alone. */
static void line_witnessed(struct text *t, const struct trace_event *e)
{
	text_add(t, "%s(", e->name);
	if (e->in >= 0 || e->out >= 0)
		text_add(t, "%s%lld, %lld, ...",
			strncmp(e->name, "sendfile", 8) == 0 ? "out=" : "in=",
			(long long)(strncmp(e->name, "sendfile", 8) == 0 ? e->out : e->in),
			(long long)(strncmp(e->name, "sendfile", 8) == 0 ? e->in : e->out));
	else
		text_add(t, "%lld%s", (long long)e->fd, strstr(e->name, "close") ? "" : ", ...");
	text_add(t, ") = %lld", (long long)e->result);
	if (e->result < 0)
		text_add(
			t, " %s (%s)", render_errno((int)e->error), strerrordesc_np((int)e->error));
}

/* How many entries the renderer may look at: it shows "..." where there were more. */
static int within(const struct trace_event *e, int most)
{
	const char *roles = calls[e->call].roles;
	uint32_t there = (uint32_t)most;
	if (strchr(roles, *EVENTS))
		there = e->ready.length;
	else if (*roles == *FDS && e->asked.length < e->nfds)
		there = e->asked.length;
	for (int i = 0; strchr(roles, *SETS) && i < 3; i++)
		if (given_in(e, i) > kept_of(e, i) && kept_of(e, i) < there)
			there = kept_of(e, i);
	return there < (uint32_t)most ? (int)there : most;
}

void line_call(struct text *t, const struct trace_event *e, int most)
{
	struct call c;
	if (e->call < 0 || !*calls[e->call].roles || calls[e->call].kind != JUDGED) {
		line_witnessed(t, e);
		return;
	}
	call_of(&c, e);
	render_call(t, &c, within(e, most));
}

const char *line_kind(int64_t kind)
{
	static const char *const names[] = {
#define X(kind, name, visible) [FD_##kind] = name,
		FD_KINDS(X)
#undef X
	};
	return kind >= 0 && kind < (int64_t)(sizeof(names) / sizeof(names[0])) ? names[kind] : "";
}

void line_site(struct text *t, const struct traced_process *p, int64_t site)
{
	if (site <= 0 || (size_t)site >= p->site_count || !p->sites[site] || !p->sites[site]->depth)
		return;
	const struct frame *f = &p->sites[site]->frames[0];
	symbolise_stack(p->sites[site]);
	const char *base = strrchr(f->module, '/');
	text_add(t, "%s", *f->function ? f->function : "??");
	if (*f->file)
		text_add(t, " at %s:%u", f->file, f->line);
	text_add(t, " (%s+%#llx)", base ? base + 1 : f->module, (unsigned long long)f->offset);
}

static void line_born(struct text *t, const struct trace_event *e)
{
	const char *kind = line_kind(e->kind);
	text_add(t, "--- descriptor %lld is born", (long long)e->fd);
	if (*kind)
		text_add(t, ": %s", kind);
	if (e->from >= 0)
		text_add(t, ", a duplicate of %lld", (long long)e->from);
	text_add(t, " ---");
}

void line_event(struct text *t, const struct trace_event *e)
{
	static const char *const severities[] = {"note", "warning", "error"};
	switch (e->what) {
	case EVENT_CALL:
		line_call(t, e, 32);
		break;
	case EVENT_BORN:
		line_born(t, e);
		break;
	case EVENT_CLOSED:
		text_add(t, "--- descriptor %lld is closed ---", (long long)e->fd);
		break;
	case EVENT_FORKED:
		text_add(t, "--- process %lld is forked ---", (long long)e->child);
		break;
	case EVENT_FINDING:
		text_add(t, "--- %s: %s [%s] ---", severities[e->finding.severity],
			e->finding.message, rules[e->finding.rule].slug);
		break;
	case EVENT_OTHER:
		text_add(t, "--- %s ---", e->name);
	}
}

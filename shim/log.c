/* The event log. A line is built on the stack, so that it needs no memory, and is cut if it must
 * be. */
#include "log.h"

#include "config.h"
#include "interest.h"
#include "process.h"
#include "render.h"
#include "render_call.h"
#include "sink.h"

#include <string.h>
#include <time.h>

enum { LINE = 3072, SHOWN_TEXT = 16, SHOWN_JSON = 12 };

void log_begins(struct call *c)
{
	KEEP_ERRNO;
	c->begin_ns = process_now();
}

static void add_text(
	struct text *t, const struct call *c, const struct timespec *now, uint64_t took)
{
	text_add(t, "%-5ld %lld.%06ld ", SYSTEM(gettid), (long long)now->tv_sec,
		now->tv_nsec / 1000);
	render_call(t, c, SHOWN_TEXT);
	/* the end of the line must stay whole: the duration is what readers cut out */
	if (t->cut)
		t->used = t->used > LINE - 40 ? LINE - 40 : t->used;
	text_add(t, "%s <%llu.%06llu>\n", t->cut ? "..." : "",
		(unsigned long long)(took / 1000000000),
		(unsigned long long)(took / 1000 % 1000000));
}

static void add_pair(
	struct text *t, const char *between, int fd, uint32_t events, const char *prefix)
{
	text_add(t, "%s{\"fd\":%d,\"events\":\"", between, fd);
	render_mask(t, events, prefix);
	text_add(t, "\"}");
}

static void add_ready_events(struct text *t, const struct call *c)
{
	const struct epoll_event *events = c->array;
	for (int i = 0, fd; i < c->result && i < SHOWN_JSON; i++) {
		uint16_t instance = interest_instance(c->epfd, false);
		struct fd_record *r;
		bool known = interest_by_data(instance, events[i].data.u64, &fd, &r);
		add_pair(t, i ? "," : "", known ? fd : -1, events[i].events, "EPOLL");
	}
}

static void add_ready_fds(struct text *t, const struct call *c)
{
	const struct pollfd *fds = c->array;
	int shown = 0;
	for (int64_t i = 0; i < c->nfds && shown < SHOWN_JSON; i++)
		if (fds[i].revents)
			add_pair(
				t, shown++ ? "," : "", fds[i].fd, (uint16_t)fds[i].revents, "POLL");
}

static void add_ready_sets(struct text *t, const struct call *c)
{
	struct set_walk walk = set_walk_begins(c);
	uint32_t events;
	for (int fd, shown = 0; shown < SHOWN_JSON && set_next(c, &walk, &fd, &events); shown++)
		add_pair(t, shown ? "," : "", fd, events, "POLL");
}

static void add_ready(struct text *t, const struct call *c)
{
	text_add(t, ",\"ready\":[");
	(c->epfd >= 0 ? add_ready_events : c->array ? add_ready_fds : add_ready_sets)(t, c);
	text_add(t, "]");
}

static const char *number_name(char role)
{
	return role == *MAXEVENTS ? "maxevents"
	       : role == *SIZE    ? "size"
	       : role == *FLAGS   ? "flags"
				  : "nfds";
}

static void add_arguments(struct text *t, const struct call *c)
{
	const char *roles = calls[c->id].roles;
	if (*roles == *EPFD)
		text_add(t, ",\"epfd\":%d", c->epfd);
	if (c->id == CALL_epoll_ctl) {
		text_add(t, ",\"op\":\"");
		render_op(t, c->op);
		text_add(t, "\",\"fd\":%d", c->fd);
	} else {
		const char *role = strpbrk(roles, MAXEVENTS SIZE FLAGS);
		text_add(t, ",\"%s\":%lld", number_name(role ? *role : *NFDS), (long long)c->nfds);
	}
	if (c->unit == MILLISECONDS)
		text_add(t, ",\"timeout\":%d", c->milliseconds);
	text_add(t, ",\"result\":%lld", (long long)c->result);
	if (c->result < 0)
		text_add(t, ",\"errno\":\"%s\"", render_errno(c->error));
	if (c->result > 0 && c->unit != NO_TIMEOUT)
		add_ready(t, c);
}

static void add_json(
	struct text *t, const struct call *c, const struct timespec *now, uint64_t took)
{
	char notation[512];
	struct text call = TEXT_IN(notation);
	render_call(&call, c, 6);
	text_add(t,
		"{\"call\":\"%s\",\"pid\":%ld,\"tid\":%ld,\"time\":%lld.%09ld,\"duration\":%llu.%"
		"09llu",
		calls[c->id].name, SYSTEM(getpid), SYSTEM(gettid), (long long)now->tv_sec,
		now->tv_nsec, (unsigned long long)(took / 1000000000),
		(unsigned long long)(took % 1000000000));
	add_arguments(t, c);
	text_add(t, ",\"notation\":");
	text_add_json(t, notation);
	text_add(t, "}\n");
}

void log_ended(const struct call *c)
{
	KEEP_ERRNO;
	char line[LINE];
	struct text t = TEXT_IN(line);
	struct timespec now;
	uint64_t took = process_now() - c->begin_ns;
	if (!may_make_system_calls())
		return;
	clock_gettime(CLOCK_REALTIME, &now);
	if (config.log == LOG_JSON)
		add_json(&t, c, &now, took);
	else
		add_text(&t, c, &now, took);
	sink_log(line, t.used);
}

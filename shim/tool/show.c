/* `pollcheck show`: a trace as lines of strace(1), as the log has them, and what is no call
 * between. */
#include "line.h"
#include "progress.h"
#include "read.h"
#include "readers.h"
#include "refuse.h"
#include "request.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct request request;
static int64_t begin; /* of the trace: when its first event began */

/* --- filters --- */

static bool listed(enum reading_id id, int64_t number)
{
	const struct number_list *list = &request.numbers[id];
	for (unsigned i = 0; i < list->count; i++)
		if (list->of[i] == number)
			return true;
	return false;
}

static bool on_descriptor(const struct trace_event *e)
{
	for (uint32_t i = 0; i < e->ready.length; i++)
		if (listed(READING_FD, e->ready.of[i].fd))
			return true;
	for (uint32_t i = 0; i < e->asked.length; i++)
		if (listed(READING_FD, e->asked.of[i].fd))
			return true;
	return listed(READING_FD, e->fd) || listed(READING_FD, e->in) || listed(READING_FD, e->out);
}

/* An instance is made by a call that returns it, and dies like any descriptor. */
static bool on_instance(const struct trace_event *e)
{
	bool made = e->argument >= 0 && listed(READING_EPFD, e->result);
	bool itself = e->what != EVENT_CALL && e->epfd < 0 && listed(READING_EPFD, e->fd);
	return made || itself || listed(READING_EPFD, e->epfd);
}

static bool has_name(const char *names, const char *name)
{
	size_t length = strlen(name);
	for (; names; names = strchr(names, ',')) {
		names += *names == ',';
		if (strncmp(names, name, length) == 0 && (names[length] == ',' || !names[length]))
			return true;
	}
	return false;
}

static bool in_time(const struct trace_event *e)
{
	const struct moment *since = &request.moments[READING_SINCE];
	const struct moment *until = &request.moments[READING_UNTIL];
	int64_t now = e->end - begin;
	if (request.value[READING_SINCE] && (since->absolute ? e->end : now) < since->ns)
		return false;
	return !request.value[READING_UNTIL] ||
	       (until->absolute ? event_begin(e) : now) <= until->ns;
}

static bool wanted(const struct trace_event *e)
{
	char *const *given = (char *const *)request.value;
	const char *rule = given[READING_RULE];
	if (!in_time(e))
		return false;
	if (rule && (e->what != EVENT_FINDING || strcmp(rules[e->finding.rule].slug, rule) != 0))
		return false;
	if (given[READING_ERRORS] && (e->what != EVENT_CALL || e->result >= 0))
		return false;
	if (given[READING_CALL] &&
		(e->what != EVENT_CALL || !has_name(given[READING_CALL], e->name)))
		return false;
	if (given[READING_TID] && !listed(READING_TID, e->tid) &&
		!listed(READING_TID, e->process->pid))
		return false;
	if (given[READING_FD] && !on_descriptor(e))
		return false;
	return !given[READING_EPFD] || on_instance(e);
}

/* --- lines --- */

static void print(const struct trace_event *e)
{
	static char line[16 * 1024];
	struct text t = TEXT_IN(line);
	text_add(&t, "%-5d %lld.%06lld ", e->tid, (long long)(e->end / 1000000000),
		(long long)(e->end % 1000000000 / 1000));
	line_event(&t, e);
	fputs(line, stdout);
	if (e->what == EVENT_CALL)
		printf(" <%lld.%06lld>", (long long)(e->duration / 1000000000),
			(long long)(e->duration % 1000000000 / 1000));
	if (putchar('\n') == EOF || ferror(stdout))
		exit(0); /* nobody reads on: head(1), say */
}

static void take(const struct trace_event *e)
{
	if (!begin)
		begin = event_begin(e);
	if (wanted(e))
		print(e);
}

int show_run(int argc, char **argv)
{
	request = request_parse(SHOW, argc, argv);
	if (!request.value[READING_FOLLOW])
		progress_begin(true);
	struct reading r = request.value[READING_FOLLOW] ? read_live(request.traces[0], take)
							 : read_trace(request.traces[0], take);
	fflush(stdout);
	if (r.discarded)
		say("%s: %llu events were discarded when it was recorded", request.traces[0],
			(unsigned long long)r.discarded);
	if (r.overwritten)
		say("%s: %llu older events were overwritten; see trace_size", request.traces[0],
			(unsigned long long)r.overwritten);
	if (!r.events && !r.damaged)
		say("%s: no event is in this trace", request.traces[0]);
	return 0;
}

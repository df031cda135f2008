/* `pollcheck stats`: reads, and gives what was read to the printers. */
#include "stats.h"

#include "line.h"
#include "progress.h"
#include "readers.h"
#include "request.h"

#include <stdio.h>

static struct stats *current;

static void take(const struct trace_event *e)
{
	loops_take(&current->loops, e);
}

static void gather_stats(struct stats *s, const char *path)
{
	current = s;
	s->path = path;
	s->reading = read_trace(path, take);
	loops_end(&s->loops);
	loops_sort(&s->loops);
}

const char *descriptor_is(const struct descriptor *d)
{
	return *d->is ? d->is : line_kind(d->kind);
}

void stats_loop_name(char *name, size_t size, const struct reading *r, const struct loop *l)
{
	struct text t = {.start = name, .size = size};
	if (l->epfd >= 0)
		text_add(&t, "epoll instance %d", l->epfd);
	else
		text_add(&t, "%s in thread %d", l->call, l->tid);
	if (r->processes > 1)
		text_add(&t, " of process %d", l->process->pid);
}

const char *stats_duration(int64_t ns)
{
	static char texts[8][32]; /* several in one printf */
	static unsigned next;
	static const struct {
		int64_t size;
		const char *name;
	} units[] = {{1000000000, "s"}, {1000000, "ms"}, {1000, "us"}, {1, "ns"}};
	char *text = texts[next++ % 8];
	unsigned i = 0;
	while (i < 3 && ns < units[i].size)
		i++;
	double value = (double)ns / (double)units[i].size;
	int digits = value >= 100 || units[i].size == 1 ? 0 : value >= 10 ? 1 : 2;
	snprintf(text, sizeof(texts[0]), "%.*f %s", digits, value, units[i].name);
	return text;
}

int stats_run(int argc, char **argv)
{
	static struct stats traces[2];
	struct request r = request_parse(STATS, argc, argv);
	progress_begin(false);
	for (int i = 0; i < r.count; i++)
		gather_stats(&traces[i], r.traces[i]);
	if (r.value[READING_JSON] && r.count == 2)
		stats_print_json_pair(&traces[0], &traces[1]);
	else if (r.value[READING_JSON])
		stats_print_json(&traces[0]);
	else if (r.count == 2)
		stats_print_difference(&traces[0], &traces[1]);
	else
		stats_print(&traces[0]);
	return 0;
}

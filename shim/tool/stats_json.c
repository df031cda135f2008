/* Statistics for programs: one object. Times are nanoseconds; those of events, since the first. */
#include "stats.h"

#include "json.h"
#include "line.h"
#include "render.h"

void stats_octaves_json(struct json *j, const char *key, const struct histogram *h)
{
	int last = OCTAVES - 1;
	while (last > 0 && !histogram_octave(h, last))
		last--;
	json_open(j, key, '[');
	for (int i = 0; i <= last; i++)
		json_number(j, NULL, (int64_t)histogram_octave(h, i));
	json_close(j, '[');
}

static void print_histogram(struct json *j, const char *key, const struct histogram *h)
{
	json_open(j, key, '{');
	json_number(j, "count", (int64_t)h->count);
	json_number(j, "sum", (int64_t)h->sum);
	json_number(j, "max", (int64_t)h->most);
	json_number(j, "p50", (int64_t)histogram_quantile(h, 0.5));
	json_number(j, "p99", (int64_t)histogram_quantile(h, 0.99));
	stats_octaves_json(j, "octaves", h);
	json_close(j, '{');
}

void stats_counts_json(struct json *j, const struct loop *l)
{
	json_number(j, "waits", (int64_t)l->waits);
	json_number(j, "ready", (int64_t)l->ready);
	json_number(j, "timeouts", (int64_t)l->timeouts);
	json_number(j, "failed", (int64_t)l->failed);
	json_number(j, "empty", (int64_t)l->empty);
}

static void print_loop(struct json *j, const struct stats *s, const struct loop *l)
{
	char name[96];
	stats_loop_name(name, sizeof(name), &s->reading, l);
	json_open(j, NULL, '{');
	json_string(j, "name", name);
	json_number(j, "pid", l->process->pid);
	json_number(j, l->epfd >= 0 ? "epfd" : "tid", l->epfd >= 0 ? l->epfd : l->tid);
	stats_counts_json(j, l);
	print_histogram(j, "events", &l->events);
	print_histogram(j, "wait", &l->wait);
	print_histogram(j, "lag", &l->lag);
	json_close(j, '{');
}

void stats_descriptor_json(struct json *j, const struct descriptor *d)
{
	json_number(j, "fd", d->fd);
	json_number(j, "pid", d->process->pid);
	json_number(j, "reported", (int64_t)d->reported);
	json_number(j, "served", (int64_t)d->served);
	json_number(j, "reads", (int64_t)d->reads);
	json_number(j, "writes", (int64_t)d->writes);
	json_number(j, "longest_handler", d->slowest);
	json_number(j, "findings", d->findings);
}

void stats_handler_json(struct json *j, const struct served *h, int64_t begin)
{
	char site[512] = "", mask[256];
	struct text place = TEXT_IN(site), bits = TEXT_IN(mask);
	line_site(&place, h->process, h->site);
	render_mask(&bits, h->mask, h->is_epoll ? "EPOLL" : "POLL");
	json_open(j, NULL, '{');
	json_number(j, "took", h->took);
	json_number(j, "at", h->begin - begin);
	json_number(j, "pid", h->process->pid);
	json_number(j, "tid", h->tid);
	json_number(j, "fd", h->descriptor->fd);
	json_string(j, "is", descriptor_is(h->descriptor));
	json_string(j, "events", mask);
	json_string(j, "site", site);
	json_close(j, '{');
}

void stats_reading_json(struct json *j, const char *path, const struct reading *r)
{
	json_string(j, "trace", path);
	json_number(j, "duration", r->last > r->first ? r->last - r->first : 0);
	json_number(j, "events", (int64_t)r->events);
	json_number(j, "discarded", (int64_t)r->discarded);
	json_number(j, "overwritten", (int64_t)r->overwritten);
	json_number(j, "damaged", r->damaged);
	json_number(j, "processes", r->processes);
}

static void print_object(struct json *j, const char *key, const struct stats *s)
{
	const struct loops *l = &s->loops;
	json_open(j, key, '{');
	stats_reading_json(j, s->path, &s->reading);
	json_number(j, "threads", (int64_t)l->thread_count);
	json_open(j, "loops", '[');
	for (size_t i = 0; i < l->loop_count; i++)
		print_loop(j, s, l->loops[i]);
	json_close(j, '[');
	json_open(j, "descriptors", '[');
	for (size_t i = 0; i < l->count; i++) {
		json_open(j, NULL, '{');
		json_string(j, "is", descriptor_is(l->all[i]));
		stats_descriptor_json(j, l->all[i]);
		json_close(j, '{');
	}
	json_close(j, '[');
	json_open(j, "slowest", '[');
	for (int i = 0; i < HANDLERS && l->slowest[i].took; i++)
		stats_handler_json(j, &l->slowest[i], s->reading.first);
	json_close(j, '[');
	json_close(j, '{');
}

void stats_print_json(const struct stats *s)
{
	struct json j = {.out = stdout};
	print_object(&j, NULL, s);
	putchar('\n');
}

void stats_print_json_pair(const struct stats *before, const struct stats *after)
{
	struct json j = {.out = stdout};
	json_open(&j, NULL, '{');
	print_object(&j, "before", before);
	print_object(&j, "after", after);
	json_close(&j, '{');
	putchar('\n');
}

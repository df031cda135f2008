/* Statistics for people. */
#include "stats.h"

#include "line.h"
#include "render.h"

#include <stdio.h>
#include <string.h>

enum { SHOWN_DESCRIPTORS = 20, BAR = 40 };

static double percent(uint64_t part, uint64_t whole)
{
	return whole ? 100.0 * (double)part / (double)whole : 0;
}

/* --- histograms, one line for each power of two --- */

static void time_label(char *label, size_t size, int octave)
{
	if (octave)
		snprintf(label, size, "%s - %s", stats_duration(1ll << (octave - 1)),
			stats_duration(1ll << octave));
	else
		snprintf(label, size, "0");
}

static void count_label(char *label, size_t size, int octave)
{
	if (octave < 2)
		snprintf(label, size, "%d", octave);
	else
		snprintf(label, size, "%lld - %lld", 1ll << (octave - 1), (1ll << octave) - 1);
}

static void print_bar(const char *label, uint64_t count, uint64_t most)
{
	int length = (int)((count * BAR + most - 1) / most);
	printf("    %-20s %10llu |%.*s%*s|\n", label, (unsigned long long)count, length,
		"@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@", BAR - length, "");
}

static void print_bars(
	const char *title, const struct histogram *h, void (*label)(char *, size_t, int))
{
	uint64_t most = 0;
	int first = OCTAVES, last = 0;
	char text[48];
	for (int i = 0; i < OCTAVES; i++) {
		uint64_t count = histogram_octave(h, i);
		if (!count)
			continue;
		first = i < first ? i : first;
		last = i;
		most = count > most ? count : most;
	}
	if (!most)
		return;
	printf("  %s:\n", title);
	for (int i = first; i <= last; i++) {
		label(text, sizeof(text), i);
		print_bar(text, histogram_octave(h, i), most);
	}
}

static void print_quantiles(const char *title, const struct histogram *h)
{
	if (h->count)
		printf("  %-10s half within %s, 99 %% within %s, at most %s\n", title,
			stats_duration((int64_t)histogram_quantile(h, 0.5)),
			stats_duration((int64_t)histogram_quantile(h, 0.99)),
			stats_duration((int64_t)h->most));
}

/* --- sections --- */

static void print_head(const struct stats *s)
{
	const struct reading *r = &s->reading;
	printf("%s: %s, %llu event%s of %u process%s and %zu thread%s", s->path,
		stats_duration(r->last - r->first), (unsigned long long)r->events,
		r->events == 1 ? "" : "s", r->processes, r->processes == 1 ? "" : "es",
		s->loops.thread_count, s->loops.thread_count == 1 ? "" : "s");
	if (r->discarded)
		printf("; %llu events were discarded", (unsigned long long)r->discarded);
	if (r->overwritten)
		printf("; %llu older events were overwritten", (unsigned long long)r->overwritten);
	printf("\n");
}

static void print_loop(const struct stats *s, const struct loop *l)
{
	char name[96];
	stats_loop_name(name, sizeof(name), &s->reading, l);
	printf("\n%s\n  %llu waits: %llu ready (%.1f %%), %llu timeouts (%.1f %%), %llu failed; "
	       "%llu empty wake-ups (%.1f %%)\n",
		name, (unsigned long long)l->waits, (unsigned long long)l->ready,
		percent(l->ready, l->waits), (unsigned long long)l->timeouts,
		percent(l->timeouts, l->waits), (unsigned long long)l->failed,
		(unsigned long long)l->empty, percent(l->empty, l->waits));
	if (l->events.count)
		printf("  %-10s %.2f a wait, at most %llu\n", "events",
			(double)l->events.sum / (double)l->events.count,
			(unsigned long long)l->events.most);
	print_quantiles("waited", &l->wait);
	print_quantiles("loop lag", &l->lag);
	print_bars("events per wait", &l->events, count_label);
	print_bars("time in a wait", &l->wait, time_label);
	print_bars("loop lag, from a wait's return to the next wait", &l->lag, time_label);
}

static void print_descriptors(const struct loops *l)
{
	if (!l->count)
		return;
	printf("\ndescriptors, by how often they were reported\n  %7s %-28s %10s %10s %10s %10s  "
	       "%s\n",
		"fd", "is", "reported", "unserved", "reads", "writes", "longest handler");
	for (size_t i = 0; i < l->count && i < SHOWN_DESCRIPTORS; i++) {
		const struct descriptor *d = l->all[i];
		printf("  %7d %-28.28s %10llu %10llu %10llu %10llu  %s\n", d->fd, descriptor_is(d),
			(unsigned long long)d->reported,
			(unsigned long long)(d->reported - d->served), (unsigned long long)d->reads,
			(unsigned long long)d->writes,
			d->slowest ? stats_duration(d->slowest) : "-");
	}
	if (l->count > SHOWN_DESCRIPTORS)
		printf("  and %zu more\n", l->count - SHOWN_DESCRIPTORS);
}

static void print_slowest(const struct stats *s)
{
	if (!s->loops.slowest[0].took)
		return;
	printf("\nslowest handlers\n  %10s %12s %7s %7s  %-14s %s\n", "took", "at", "thread", "fd",
		"event", "called from");
	for (int i = 0; i < HANDLERS && s->loops.slowest[i].took; i++) {
		const struct served *h = &s->loops.slowest[i];
		char site[512] = "-", mask[128];
		struct text place = TEXT_IN(site), events = TEXT_IN(mask);
		line_site(&place, h->process, h->site);
		render_mask(&events, h->mask, h->is_epoll ? "EPOLL" : "POLL");
		printf("  %10s %12s %7d %7d  %-14s %s\n", stats_duration(h->took),
			stats_duration(h->begin - s->reading.first), h->tid, h->descriptor->fd,
			mask, site);
	}
}

void stats_print(const struct stats *s)
{
	print_head(s);
	for (size_t i = 0; i < s->loops.loop_count; i++)
		print_loop(s, s->loops.loops[i]);
	print_descriptors(&s->loops);
	print_slowest(s);
}

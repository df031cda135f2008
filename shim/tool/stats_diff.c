/* Two traces side by side: loops that bear the same name are taken for the same. */
#include "stats.h"

#include <stdio.h>
#include <string.h>

static const struct loop *nothing(void)
{
	static const struct loop none;
	return &none;
}

static const struct loop *named(const struct stats *s, const char *wanted)
{
	char name[96];
	for (size_t i = 0; i < s->loops.loop_count; i++) {
		stats_loop_name(name, sizeof(name), &s->reading, s->loops.loops[i]);
		if (strcmp(name, wanted) == 0)
			return s->loops.loops[i];
	}
	return nothing();
}

static void print_change(double before, double after)
{
	if (before > 0)
		printf(" %+9.1f %%\n", 100 * (after - before) / before);
	else
		printf(" %11s\n", after > 0 ? "new" : "");
}

static void print_count(const char *name, uint64_t before, uint64_t after)
{
	printf("  %-24s %14llu %14llu", name, (unsigned long long)before,
		(unsigned long long)after);
	print_change((double)before, (double)after);
}

static void print_time(const char *name, uint64_t before, uint64_t after)
{
	printf("  %-24s %14s %14s", name, stats_duration((int64_t)before),
		stats_duration((int64_t)after));
	print_change((double)before, (double)after);
}

static void print_quantiles(
	const char *what, const struct histogram *before, const struct histogram *after)
{
	static const double shares[] = {0.5, 0.99};
	char name[48];
	for (int i = 0; i < 2; i++) {
		snprintf(name, sizeof(name), "%s, %.0f %% within", what, 100 * shares[i]);
		print_time(name, histogram_quantile(before, shares[i]),
			histogram_quantile(after, shares[i]));
	}
	snprintf(name, sizeof(name), "%s, at most", what);
	print_time(name, before->most, after->most);
}

static double mean(const struct histogram *h)
{
	return h->count ? (double)h->sum / (double)h->count : 0;
}

static void print_loop(const char *name, const struct loop *a, const struct loop *b)
{
	printf("\n%s\n", name);
	print_count("waits", a->waits, b->waits);
	print_count("ready", a->ready, b->ready);
	print_count("empty wake-ups", a->empty, b->empty);
	print_count("timeouts", a->timeouts, b->timeouts);
	print_count("failed", a->failed, b->failed);
	printf("  %-24s %14.2f %14.2f", "events per wait", mean(&a->events), mean(&b->events));
	print_change(mean(&a->events), mean(&b->events));
	print_quantiles("waited", &a->wait, &b->wait);
	print_quantiles("loop lag", &a->lag, &b->lag);
}

static uint64_t findings(const struct stats *s)
{
	uint64_t count = 0;
	for (size_t i = 0; i < s->loops.count; i++)
		count += s->loops.all[i]->findings;
	return count;
}

void stats_print_difference(const struct stats *before, const struct stats *after)
{
	char name[96];
	printf("  %-24s %14.14s %14.14s %11s\n", "", "before", "after", "change");
	print_time("duration", (uint64_t)(before->reading.last - before->reading.first),
		(uint64_t)(after->reading.last - after->reading.first));
	print_count("events", before->reading.events, after->reading.events);
	print_count("findings on descriptors", findings(before), findings(after));
	for (size_t i = 0; i < before->loops.loop_count; i++) {
		stats_loop_name(name, sizeof(name), &before->reading, before->loops.loops[i]);
		print_loop(name, before->loops.loops[i], named(after, name));
	}
	for (size_t i = 0; i < after->loops.loop_count; i++) {
		stats_loop_name(name, sizeof(name), &after->reading, after->loops.loops[i]);
		if (named(before, name) == nothing())
			print_loop(name, nothing(), after->loops.loops[i]);
	}
}

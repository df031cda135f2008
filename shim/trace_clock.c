/* Ties the processor's counter to CLOCK_MONOTONIC. */
#include "trace_clock.h"

#include "fdtable.h"
#include "process.h"

#include <string.h>

enum { MS = 1000000 };

static bool counts; /* the counter is what the kernel itself keeps time with */
static _Atomic uint64_t latest_rate;

void trace_clock_start(void)
{
	static const char path[] =
		"/sys/devices/system/clocksource/clocksource0/current_clocksource";
	char name[8] = "";
	long fd = SYSTEM(openat, (long)AT_FDCWD, path, (long)(O_RDONLY | O_CLOEXEC), 0L);
	if (fd < 0)
		return;
	SYSTEM(read, fd, name, sizeof(name) - 1);
	SYSTEM(close, fd);
	counts = strcmp(name, "tsc\n") == 0;
}

const char *trace_clock_source(void)
{
	return counts ? "tsc" : "clock_gettime";
}

struct look {
	uint64_t ticks, ns;
	bool close; /* both are of the same moment */
};

/* Whoever is preempted between the two looks again. */
static struct look look_at_both(void)
{
	enum { TRIES = 4, CLOSE_TICKS = 2000 };
	struct look l = {0};
	for (int i = 0; i < TRIES && !l.close; i++) {
		uint64_t before = TICKS();
		l.ns = process_now();
		l.ticks = before;
		l.close = TICKS() - before < CLOSE_TICKS;
	}
	return l;
}

/* Looks less than ten milliseconds apart tell too little; others than these the machine may have
 * been suspended between. */
static void measure_rate(struct trace_clock *c, const struct look *l)
{
	uint64_t took = l->ns - c->base_ns, ticks = l->ticks - c->base_ticks;
	if (!c->rate)
		c->rate = GET(latest_rate);
	if (c->base_ns && took < 10 * MS)
		return;
	if (c->base_ns && took < 1000 * MS && ticks > took / 64) {
		c->rate = (uint64_t)((double)took / (double)ticks * 4294967296.0);
		PUT(latest_rate, c->rate);
	}
	if (!c->base_ns || took > 200 * MS) {
		c->base_ticks = l->ticks;
		c->base_ns = l->ns;
	}
}

uint64_t trace_clock_look(struct trace_clock *c)
{
	struct look l;
	uint32_t moment;
	if (c->stopped)
		return c->ns;
	if (!counts)
		return process_now();
	do {
		moment = GET(c->moments);
		c->valid = 0;
		atomic_signal_fence(memory_order_seq_cst);
		l = look_at_both();
		if (l.close)
			measure_rate(c, &l);
		c->ticks = l.ticks;
		c->ns = l.ns;
		atomic_signal_fence(memory_order_seq_cst);
	} while (!atomic_compare_exchange_strong(&c->moments, &moment, moment + 1));
	if (c->rate && l.close)
		c->valid = ((uint64_t)MS << 32) / c->rate;
	return l.ns;
}

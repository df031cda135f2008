/* The metadata, in the library's own words. Calls have other numbers: an input must mean the same
 * when calls.def has a new row. Of the errors two are enough: in each event that has one
 * libbabeltrace2 makes all their labels anew, which takes it most of the time. */
#include "trace.h"

#include "trace_layout.c"
#include "trace_metadata.c"

const struct event_row event_rows[] = {
#define TRACED(name, layout) {#name, TRACE_##layout},
#include "events.def"
#undef TRACED
};
const int event_rows_count = sizeof(event_rows) / sizeof(event_rows[0]);

static const char *const layout_names[] = {
#define LAYOUT(name) [TRACE_##name] = #name,
#include "trace.def"
};

static const int64_t offsets[] = {
	1795449924000000000, 0, -1795449924000000000, 9000000000000000000, -9000000000000000000, 1};
enum { OFFSETS = sizeof(offsets) / sizeof(offsets[0]) };

static void add_rows(struct text *t)
{
	for (int row = 0; row < event_rows_count; row++) {
		enum trace_layout layout = event_rows[row].layout;
		add_event(t, event_rows[row].name, layout_names[layout], (unsigned)row,
			layout == TRACE_site);
	}
}

void metadata_make(struct content *c, uint8_t identity, uint8_t clock)
{
	struct text t = {.start = c->bytes, .size = sizeof(c->bytes)};
	struct trace_about about = {.program = "/usr/bin/server",
		.clock = "tsc",
		.boot = "",
		.pid = 4711,
		.offset_ns = offsets[clock % OFFSETS]};
	memset(about.uuid, identity, sizeof(about.uuid));
	text_add(&t, "/* CTF 1.8 */\n%s", types);
	add_trace(&t, &about);
	add_environment(&t, &about);
	add_clock(&t, &about);
	text_add(&t, "%s", streams);
	text_add(&t, "typealias enum : u16_t { \"none\" = 0, \"EAGAIN\" = 11 } := error_t;\n");
	add_kinds(&t);
	add_enumeration(&t, "op", "i32");
	add_enumeration(&t, "timeout", "u8");
	text_add(&t, "typealias enum : u8_t { \"note\" = 0, \"error\" = 2 } := severity_t;\n");
	add_structures(&t);
	add_rows(&t);
	c->size = t.used;
}

/* Writes what trace.def, calls.def and the tables of errors and kinds say in the words of TSDL
 * (Common Trace Format 1.8, section 7). */
#include "trace_metadata.h"

#include "fdtable.h"
#include "trace_layout.h"

#include <string.h>

/* Everything is aligned to bytes, so that a packed structure is what is described. */
static const char types[] =
	"typealias integer { size = 8; align = 8; signed = false; } := u8_t;\n"
	"typealias integer { size = 16; align = 8; signed = false; } := u16_t;\n"
	"typealias integer { size = 32; align = 8; signed = false; } := u32_t;\n"
	"typealias integer { size = 64; align = 8; signed = false; } := u64_t;\n"
	"typealias integer { size = 32; align = 8; signed = true; } := i32_t;\n"
	"typealias integer { size = 64; align = 8; signed = true; } := i64_t;\n"
	"typealias integer { size = 32; align = 8; signed = false; base = 16; } := x32_t;\n"
	"typealias integer { size = 64; align = 8; signed = false; base = 16; } := x64_t;\n"
	"typealias integer { size = 64; align = 8; signed = false; base = 16; } := mask_t;\n";

static const char streams[] =
	"typealias integer { size = 64; align = 8; signed = false; map = clock.monotonic.value; } "
	":= time_t;\n"
	"struct packet_context {\n\ttime_t timestamp_begin;\n\ttime_t timestamp_end;\n"
	"\tu32_t content_size;\n\tu32_t packet_size;\n\tu64_t packet_seq_num;\n"
	"\tu64_t events_discarded;\n\ti32_t tid;\n\tu32_t thread;\n\tu64_t events_before;\n"
	"\tu64_t overwritten;\n};\n"
	"struct event_header {\n\tu8_t id;\n\ttime_t timestamp;\n};\n"
	"stream {\n\tid = 0;\n\tevent.header := struct event_header;\n"
	"\tpacket.context := struct packet_context;\n};\n"
	"stream {\n\tid = 1;\n\tevent.header := struct event_header;\n"
	"\tpacket.context := struct packet_context;\n};\n";

static void add_uuid(struct text *t, const uint8_t *uuid)
{
	for (int i = 0; i < 16; i++)
		text_add(t, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", uuid[i]);
}

/* A name from outside: what would end the string, or a line, becomes a question mark. */
static void add_string(struct text *t, const char *key, const char *value)
{
	text_add(t, "\t%s = \"", key);
	for (; *value; value++)
		text_add(t, "%c",
			(unsigned char)*value < ' ' || strchr("\"\\\x7f", *value) ? '?' : *value);
	text_add(t, "\";\n");
}

static void add_trace(struct text *t, const struct trace_about *about)
{
	text_add(t, "trace {\n\tmajor = 1;\n\tminor = 8;\n\tuuid = \"");
	add_uuid(t, about->uuid);
	text_add(t,
		"\";\n\tbyte_order = %s;\n\tpacket.header := struct {\n\t\tu32_t magic;\n"
		"\t\tu8_t uuid[16];\n\t\tu32_t stream_id;\n\t\tu64_t "
		"stream_instance_id;\n\t};\n};\n",
		__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? "le" : "be");
}

static void add_environment(struct text *t, const struct trace_about *about)
{
	char host[65] = "";
	const char *base = strrchr(about->program, '/');
	gethostname(host, sizeof(host) - 1);
	text_add(t, "env {\n");
	add_string(t, "hostname", host);
	add_string(t, "domain", "pollcheck");
	add_string(t, "tracer_name", "pollcheck");
	add_string(t, "procname", base ? base + 1 : about->program);
	add_string(t, "program", about->program);
	add_string(t, "clock_source", about->clock);
	text_add(t, "\tvpid = %d;\n\tparent = %d;\n\ttrace_size = %ld;\n};\n", about->pid,
		about->parent, about->trace_size);
}

static void add_clock(struct text *t, const struct trace_about *about)
{
	text_add(t, "clock {\n\tname = \"monotonic\";\n");
	if (*about->boot)
		text_add(t, "\tuuid = \"%s\";\n", about->boot);
	text_add(t,
		"\tdescription = \"CLOCK_MONOTONIC\";\n\tfreq = 1000000000;\n"
		"\toffset_s = %lld;\n\toffset = %lld;\n};\n",
		(long long)(about->offset_ns / 1000000000),
		(long long)(about->offset_ns % 1000000000));
}

static void add_label(struct text *t, const char *label, unsigned value)
{
	text_add(t, " \"%s\" = %u,", label, value);
}

static void add_errors(struct text *t)
{
	enum { ERRORS = 134 };
	text_add(t, "typealias enum : u16_t { \"none\" = 0,");
	for (int error = 1; error < ERRORS; error++)
		if (strerrorname_np(error))
			add_label(t, strerrorname_np(error), (unsigned)error);
	text_add(t, " } := error_t;\n");
}

static void add_kinds(struct text *t)
{
	unsigned value = 0;
	text_add(t, "typealias enum : u8_t {");
#define X(kind, name, visible) add_label(t, #kind, value++);
	FD_KINDS(X)
#undef X
	text_add(t, " } := kind_t;\n");
}

static const struct {
	const char *enumeration, *label;
	unsigned value;
} labels[] = {
#define VALUE(enumeration, label, value) {#enumeration, label, value},
#include "trace.def"
};
enum { LABELS = sizeof(labels) / sizeof(labels[0]) };

static void add_enumeration(struct text *t, const char *name, const char *type)
{
	text_add(t, "typealias enum : %s_t {", type);
	for (int i = 0; i < LABELS; i++)
		if (strcmp(labels[i].enumeration, name) == 0)
			add_label(t, labels[i].label, labels[i].value);
	text_add(t, " } := %s_t;\n", name);
}

/* An element that is an integer is named by its type alone. */
static void add_sequence(struct text *t, const char *element, const char *name)
{
	bool integer = strcmp(element, "mask") == 0;
	text_add(t, "\t%s%s %s[%s_length];\n", integer ? "mask_t" : "struct ",
		integer ? "" : element, name, name);
}

static void add_structures(struct text *t)
{
#define FIELD(type, name)       text_add(t, "\t" #type "_t " #name ";\n");
#define STRING(name)            text_add(t, "\tstring " #name ";\n");
#define SEQUENCE(element, name) add_sequence(t, #element, #name);
#define END                     text_add(t, "};\n");
#define ELEMENT(name)           text_add(t, "struct " #name " {\n");
#define LAYOUT(name)            text_add(t, "struct layout_" #name " {\n");
#include "trace.def"
}

static void add_event(
	struct text *t, const char *name, const char *layout, unsigned id, int stream_class)
{
	text_add(t,
		"event {\n\tname = \"%s\";\n\tid = %u;\n\tstream_id = %d;\n"
		"\tfields := struct layout_%s;\n};\n",
		name, id, stream_class, layout);
}

static void add_events(struct text *t)
{
	static const char *const layouts[] = {
#define LAYOUT(name) [TRACE_##name] = #name,
#include "trace.def"
	};
#define RECORD(name, layout, stream_class)                                                         \
	add_event(t, #name, #layout, TRACE_EVENT_##name, stream_class);
#include "trace.def"
	for (enum call_id id = 0; id < CALLS; id++)
		if (trace_layout(id) != TRACE_NOT)
			add_event(t, calls[id].name, layouts[trace_layout(id)], id, 0);
}

void trace_metadata(struct text *t, const struct trace_about *about)
{
	text_add(t, "/* CTF 1.8 */\n%s", types);
	add_trace(t, about);
	add_environment(t, about);
	add_clock(t, about);
	text_add(t, "%s", streams);
	add_errors(t);
	add_kinds(t);
	add_enumeration(t, "op", "i32");
	add_enumeration(t, "timeout", "u8");
	text_add(t, "typealias enum : u8_t { \"note\" = 0, \"warning\" = 1, \"error\" = 2 } := "
		    "severity_t;\n");
	add_structures(t);
	add_events(t);
}

/* Packets whose events have the fields that trace.def gives them, whatever is in them. */
#include "trace.h"

#include <string.h>

/* --- what is told of layouts --- */

/* '{' a structure begins, '}' it ends, 'f' a number, 's' a string, '[' a sequence; a sequence is
 * called after its element. */
struct part {
	char is;
	uint8_t size;
	const char *name;
};

static const struct part parts[] = {
#define ELEMENT(name)           {'{', 0, #name},
#define LAYOUT(name)            {'{', 0, #name},
#define FIELD(type, name)       {'f', sizeof(trace_##type), #name},
#define STRING(name)            {'s', 0, #name},
#define SEQUENCE(element, name) {'[', 0, #element},
#define END                     {'}', 0, ""},
#include "trace.def"
};
enum { PARTS = sizeof(parts) / sizeof(parts[0]) };

/* Elements stand before the layouts, some by the same name. Of a mask there is none: a number. */
static const struct part *element_named(const char *name)
{
	for (const struct part *p = parts; p < parts + PARTS; p++)
		if (p->is == '{' && strcmp(p->name, name) == 0)
			return p + 1;
	return NULL;
}

static const struct part *layout_of(enum trace_layout layout)
{
	static const char *const names[] = {
#define LAYOUT(name) [TRACE_##name] = #name,
#include "trace.def"
	};
	const struct part *p = parts + PARTS - 1;
	while (p->is != '{' || strcmp(p->name, names[layout]) != 0)
		p--;
	return p + 1;
}

/* --- fields --- */

enum { LENGTHS_MOST = 4, STEP = 32 };

/* The lengths of a structure come before its sequences, in the same order. */
struct lengths {
	unsigned of[LENGTHS_MOST], told, made;
};

static void add_number(struct packet_maker *m, uint64_t value, int size)
{
	content_add(&m->content, &value, (size_t)size);
}

/* A few, or many alike, or the length lies. */
static void add_length(struct packet_maker *m, struct input *in, int size, struct lengths *l)
{
	uint8_t byte = next(in);
	unsigned made = byte & 0x40 ? (byte & 0x3f) * STEP : byte & 7;
	if (l->told < LENGTHS_MOST)
		l->of[l->told++] = made;
	add_number(m, byte & 0x80 ? number(in, size) : made, size);
}

static void add_string(struct packet_maker *m, struct input *in)
{
	uint8_t byte = next(in);
	if (byte & 0x80) {
		uint8_t letter = next(in);
		for (int i = 0; i < (byte & 0x7f) * STEP; i++)
			content_add(&m->content, &letter, 1);
	} else {
		size_t length = byte < in->size ? byte : in->size;
		content_add(&m->content, in->bytes, length);
		in->bytes += length;
		in->size -= length;
	}
	content_add(&m->content, "", 1);
}

static void add_structure(struct packet_maker *, struct input *, const struct part *);

/* From the eighth on they are alike. */
static void add_sequence(
	struct packet_maker *m, struct input *in, const char *element, unsigned length)
{
	const struct part *parts_of_element = element_named(element);
	size_t at = m->content.size;
	for (unsigned i = 0; i < length; i++) {
		if (i >= 8)
			content_add(&m->content, m->content.bytes + at, m->content.size - at);
		else if (parts_of_element)
			at = m->content.size, add_structure(m, in, parts_of_element);
		else
			add_number(m, number(in, 8), 8);
	}
}

static bool is_length(const char *name)
{
	const char *underscore = strrchr(name, '_');
	return underscore && strcmp(underscore, "_length") == 0;
}

static void add_structure(struct packet_maker *m, struct input *in, const struct part *p)
{
	struct lengths lengths = {.told = 0};
	for (; p->is != '}'; p++)
		if (p->is == 's')
			add_string(m, in);
		else if (p->is == '[')
			add_sequence(m, in, p->name, lengths.of[lengths.made++]);
		else if (is_length(p->name))
			add_length(m, in, p->size, &lengths);
		else
			add_number(m, number(in, p->size), p->size);
}

/* --- packets --- */

static struct packet *head_of(struct packet_maker *m)
{
	return (struct packet *)m->content.bytes;
}

static const struct {
	uint8_t offset, size;
} lie_fields[] = {
#define X(name) {offsetof(struct packet, name), sizeof(((struct packet *)0)->name)},
	X(content_size) X(packet_size) X(timestamp_begin) X(timestamp_end) X(packet_seq_num)
		X(events_discarded) X(tid) X(thread) X(events_before) X(overwritten) X(stream_id)
			X(stream_instance_id) X(magic)
#undef X
				{offsetof(struct packet, uuid), 8},
};
enum { LIE_FIELDS = sizeof(lie_fields) / sizeof(lie_fields[0]) };

static void take_lies(struct packet_maker *m, struct input *in)
{
	m->lies_count = next(in) % (LIES_MOST + 1);
	for (int i = 0; i < m->lies_count; i++) {
		m->lies[i].field = next(in) % LIE_FIELDS;
		m->lies[i].value = number(in, lie_fields[m->lies[i].field].size);
	}
}

void packet_begin(struct packet_maker *m, struct input *in)
{
	uint8_t stream = next(in), instance = next(in);
	struct packet head = {.magic = PACKET_MAGIC,
		.stream_id = stream & 1,
		.packet_seq_num = stream >> 1,
		.stream_instance_id = instance,
		.timestamp_begin = (uint64_t)m->now,
		.tid = 4711 + instance,
		.thread = instance + 1u};
	memset(head.uuid, m->identity, sizeof(head.uuid));
	m->content.size = 0;
	content_add(&m->content, &head, sizeof(head));
	take_lies(m, in);
}

void packet_event(struct packet_maker *m, struct input *in)
{
	uint8_t row = next(in), shift = next(in);
	m->now += (int64_t)next(in) << shift % SHIFT_MOST;
	struct trace_event_head head = {row, (uint64_t)m->now};
	content_add(&m->content, &head, sizeof(head));
	if (row < event_rows_count)
		add_structure(m, in, layout_of(event_rows[row].layout));
}

void packet_end(struct packet_maker *m)
{
	struct packet *head = head_of(m);
	head->timestamp_end = (uint64_t)m->now;
	head->content_size = (uint32_t)(8 * m->content.size);
	m->content.size = (m->content.size + 7) / 8 * 8;
	head->packet_size = (uint32_t)(8 * m->content.size);
	for (int i = 0; i < m->lies_count; i++)
		memcpy((char *)head + lie_fields[m->lies[i].field].offset, &m->lies[i].value,
			lie_fields[m->lies[i].field].size);
}

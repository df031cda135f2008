/* Resolves names to places once per event class, and checks every type then: reading is indexes. */
#if HAVE_BABELTRACE

#include "shape.h"

#include "calls.h"

#include <stdio.h>
#include <string.h>

static const struct {
	const char *name;
	enum member_is is;
	size_t offset, size;
} places[] = {
#define X(name) {#name, SIGNED, offsetof(struct trace_event, name), 0},
	EVENT_NUMBERS(X)
#undef X
#define X(name)                                                                                    \
	{#name, WORDS, offsetof(struct trace_event, finding.name),                                 \
		sizeof(((struct finding *)0)->name)},
		X(message) X(call) X(fd_is) X(confirmed_by) X(hint)
#undef X
			{"rule", WORDS, 0, 0}, /* by name, into a number */
	{"ready", PAIRS, offsetof(struct trace_event, ready), 0},
	{"asked", PAIRS, offsetof(struct trace_event, asked), 0},
	{"sigmask", MASK, offsetof(struct trace_event, sigmask), 0},
	{"stack", STACK, 0, 0},
	{"related", HISTORY, 0, 0},
};

static const char *const parts_of_pair[PARTS_MAX] = {"fd", "events", "data"};
static const char *const parts_of_frame[PARTS_MAX] = {
	"offset", "line", "module", "build_id", "function", "file"};
static const char *const parts_of_history[PARTS_MAX] = {"what", "stack"};

/* --- what a field class is --- */

static bool is_signed(const bt_field_class *c)
{
	bt_field_class_type type = bt_field_class_get_type(c);
	return type == BT_FIELD_CLASS_TYPE_SIGNED_INTEGER ||
	       type == BT_FIELD_CLASS_TYPE_SIGNED_ENUMERATION;
}

static bool is_unsigned(const bt_field_class *c)
{
	bt_field_class_type type = bt_field_class_get_type(c);
	return type == BT_FIELD_CLASS_TYPE_UNSIGNED_INTEGER ||
	       type == BT_FIELD_CLASS_TYPE_UNSIGNED_ENUMERATION;
}

static bool is_number(const bt_field_class *c)
{
	return is_signed(c) || is_unsigned(c);
}

static bool is_words(const bt_field_class *c)
{
	return bt_field_class_get_type(c) == BT_FIELD_CLASS_TYPE_STRING;
}

static const bt_field_class *element_of(const bt_field_class *c)
{
	bt_field_class_type type = bt_field_class_get_type(c);
	if (type != BT_FIELD_CLASS_TYPE_DYNAMIC_ARRAY_WITH_LENGTH_FIELD &&
		type != BT_FIELD_CLASS_TYPE_DYNAMIC_ARRAY_WITHOUT_LENGTH_FIELD &&
		type != BT_FIELD_CLASS_TYPE_STATIC_ARRAY)
		return NULL;
	return bt_field_class_array_borrow_element_field_class_const(c);
}

static const bt_field_class *part_class(const bt_field_class *structure, uint8_t part)
{
	return bt_field_class_structure_member_borrow_field_class_const(
		bt_field_class_structure_borrow_member_by_index_const(structure, part));
}

/* Finds the parts of a structure by name; false when it is none. */
static bool find_parts(
	const bt_field_class *structure, const char *const names[PARTS_MAX], uint8_t *parts)
{
	memset(parts, NO_PART, PARTS_MAX);
	if (!structure || bt_field_class_get_type(structure) != BT_FIELD_CLASS_TYPE_STRUCTURE)
		return false;
	uint64_t count = bt_field_class_structure_get_member_count(structure);
	for (uint64_t i = 0; i < count && i < NO_PART; i++) {
		const char *name = bt_field_class_structure_member_get_name(
			bt_field_class_structure_borrow_member_by_index_const(structure, i));
		for (int part = 0; part < PARTS_MAX && names[part]; part++)
			if (strcmp(name, names[part]) == 0)
				parts[part] = (uint8_t)i;
	}
	return true;
}

static bool part_is(
	const bt_field_class *structure, uint8_t part, bool (*is)(const bt_field_class *))
{
	return part != NO_PART && is(part_class(structure, part));
}

static bool check_pair(const bt_field_class *element, uint8_t *parts)
{
	if (!find_parts(element, parts_of_pair, parts))
		return false;
	for (int part = 0; part < 3; part++)
		if (parts[part] != NO_PART && !part_is(element, parts[part], is_number))
			return false;
	return true;
}

static bool check_frame(const bt_field_class *element, uint8_t *parts)
{
	if (!find_parts(element, parts_of_frame, parts))
		return false;
	for (int part = 0; part < PARTS_MAX; part++)
		if (!part_is(element, parts[part], part < 2 ? is_unsigned : is_words))
			return false;
	return true;
}

/* The frames in a history are those of trace.def too, in its order. */
static bool check_history(const bt_field_class *element, uint8_t *parts)
{
	uint8_t frame[PARTS_MAX];
	if (!find_parts(element, parts_of_history, parts) ||
		!part_is(element, parts[0], is_words) || parts[1] == NO_PART)
		return false;
	bool known = check_frame(element_of(part_class(element, parts[1])), frame);
	for (int part = 0; part < PARTS_MAX; part++)
		known &= frame[part] == part;
	return known;
}

static enum member_is checked(enum member_is wanted, const bt_field_class *c, uint8_t *parts)
{
	const bt_field_class *element = element_of(c);
	switch (wanted) {
	case SIGNED:
		return is_signed(c) ? SIGNED : is_unsigned(c) ? UNSIGNED : IGNORED;
	case WORDS:
		return is_words(c) ? WORDS : IGNORED;
	case PAIRS:
		return element && check_pair(element, parts) ? PAIRS : IGNORED;
	case MASK:
		return element && is_unsigned(element) ? MASK : IGNORED;
	case STACK:
		return element && check_frame(element, parts) ? STACK : IGNORED;
	case HISTORY:
		return element && check_history(element, parts) ? HISTORY : IGNORED;
	default:
		return IGNORED;
	}
}

/* --- shapes --- */

static enum event_kind kind_of(const char *name)
{
	static const struct {
		const char *name;
		enum event_kind kind;
	} others[] = {{"descriptor_born", EVENT_BORN}, {"descriptor_closed", EVENT_CLOSED},
		{"forked", EVENT_FORKED}, {"finding", EVENT_FINDING}};
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (strcmp(name, others[i].name) == 0)
			return others[i].kind;
	return EVENT_OTHER;
}

static int call_called(const char *name, size_t length)
{
	for (int i = 0; i < CALLS; i++)
		if (strncmp(calls[i].name, name, length) == 0 && !calls[i].name[length])
			return i;
	return -1;
}

/* The time64 names of 32-bit C libraries are none on this machine: "__select64" is select. */
static int call_named(const char *name)
{
	int call = call_called(name, strlen(name));
	const char *end = call < 0 && strncmp(name, "__", 2) == 0 ? strstr(name, "64") : NULL;
	if (!end)
		return call;
	if (end - name > 5 && strncmp(end - 5, "_time", 5) == 0)
		end -= 5;
	return call_called(name + 2, (size_t)(end - name) - 2);
}

static void resolve(struct member *m, const bt_field_class_structure_member *member)
{
	const char *name = bt_field_class_structure_member_get_name(member);
	const bt_field_class *c = bt_field_class_structure_member_borrow_field_class_const(member);
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (strcmp(name, places[i].name) == 0) {
			m->is = checked(places[i].is, c, m->parts);
			m->offset = places[i].offset;
			m->size = places[i].size;
		}
}

void shape_of(struct shape *s, const bt_event_class *class)
{
	const char *name = bt_event_class_get_name(class);
	const bt_field_class *payload = bt_event_class_borrow_payload_field_class_const(class);
	memset(s, 0, sizeof(*s));
	s->name = name ? name : "?";
	s->call = call_named(s->name);
	s->what = s->call >= 0 ? EVENT_CALL : kind_of(s->name);
	if (s->call >= 0)
		s->name = calls[s->call].name;
	s->is_site = strcmp(s->name, "site") == 0;
	if (!payload)
		return;
	uint64_t count = bt_field_class_structure_get_member_count(payload);
	s->count = count < MEMBERS_MAX ? (unsigned)count : MEMBERS_MAX;
	for (unsigned i = 0; i < s->count; i++)
		resolve(&s->members[i],
			bt_field_class_structure_borrow_member_by_index_const(payload, i));
}

#endif

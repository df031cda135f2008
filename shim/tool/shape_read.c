/* Reads payloads by their shapes. */
#if HAVE_BABELTRACE

#include "shape.h"

#include "table.h"

#include <stdio.h>
#include <string.h>

static int64_t number(const bt_field *f)
{
	bt_field_class_type type = bt_field_get_class_type(f);
	if (type == BT_FIELD_CLASS_TYPE_SIGNED_INTEGER ||
		type == BT_FIELD_CLASS_TYPE_SIGNED_ENUMERATION)
		return bt_field_integer_signed_get_value(f);
	return (int64_t)bt_field_integer_unsigned_get_value(f);
}

static const bt_field *part(const bt_field *structure, uint8_t index)
{
	return bt_field_structure_borrow_member_field_by_index_const(structure, index);
}

static const bt_field *element(const bt_field *array, uint64_t index)
{
	return bt_field_array_borrow_element_field_by_index_const(array, index);
}

static void read_pairs(struct event_pairs *to, const bt_field *array, const uint8_t *parts)
{
	uint64_t length = bt_field_array_get_length(array);
	to->length = length < EVENT_PAIRS ? (uint32_t)length : EVENT_PAIRS;
	for (uint32_t i = 0; i < to->length; i++) {
		const bt_field *pair = element(array, i);
		to->of[i] = (struct event_pair){
			parts[0] == NO_PART ? -1 : (int32_t)number(part(pair, parts[0])),
			parts[1] == NO_PART ? 0 : (uint32_t)number(part(pair, parts[1])),
			parts[2] == NO_PART ? 0 : (uint64_t)number(part(pair, parts[2]))};
	}
}

/* Paths and names were chosen by anybody: no control character reaches a terminal. */
static void copy_words(char *to, size_t size, const bt_field *string)
{
	snprintf(to, size, "%s", bt_field_string_get_value(string));
	for (; *to; to++)
		if ((unsigned char)*to < ' ' || *to == 0x7f)
			*to = '?';
}

#define COPY(to, string) copy_words(to, sizeof(to), string)

static void read_stack(struct stack *s, const bt_field *array, const uint8_t *parts)
{
	uint64_t length = bt_field_array_get_length(array);
	s->depth = length < FRAMES_MAX ? (uint32_t)length : FRAMES_MAX;
	for (uint32_t i = 0; i < s->depth; i++) {
		const bt_field *from = element(array, i);
		struct frame *f = &s->frames[i];
		f->offset = (uint64_t)number(part(from, parts[0]));
		f->line = (uint32_t)number(part(from, parts[1]));
		COPY(f->module, part(from, parts[2]));
		COPY(f->build_id, part(from, parts[3]));
		COPY(f->function, part(from, parts[4]));
		COPY(f->file, part(from, parts[5]));
	}
}

static void read_history(struct finding *f, const bt_field *array, const uint8_t *parts)
{
	static const uint8_t frame[PARTS_MAX] = {0, 1, 2, 3, 4, 5};
	uint64_t length = bt_field_array_get_length(array);
	f->related_count = length < RELATED_MAX ? (uint32_t)length : RELATED_MAX;
	for (uint32_t i = 0; i < f->related_count; i++) {
		const bt_field *from = element(array, i);
		COPY(f->related[i].what, part(from, parts[0]));
		read_stack(&f->related[i].stack, part(from, parts[1]), frame);
	}
}

static void read_words(const struct member *m, const bt_field *f, struct trace_event *e)
{
	if (m->size) {
		copy_words((char *)e + m->offset, m->size, f);
		return;
	}
	e->finding.rule = RULES;
	for (uint32_t i = 0; i < RULES; i++)
		if (e->finding.rule == RULES &&
			strcmp(rules[i].slug, bt_field_string_get_value(f)) == 0)
			e->finding.rule = i;
}

static void read_member(
	const struct member *m, const bt_field *f, struct trace_event *e, struct stack *site)
{
	void *to = (char *)e + m->offset;
	switch (m->is) {
	case SIGNED:
		*(int64_t *)to = bt_field_integer_signed_get_value(f);
		break;
	case UNSIGNED:
		*(int64_t *)to = (int64_t)bt_field_integer_unsigned_get_value(f);
		break;
	case WORDS:
		read_words(m, f, e);
		break;
	case PAIRS:
		read_pairs(to, f, m->parts);
		break;
	case MASK:
		e->has_sigmask = bt_field_array_get_length(f) > 0;
		e->sigmask = e->has_sigmask ? (uint64_t)number(element(f, 0)) : 0;
		break;
	case STACK:
		read_stack(site ? site : &e->finding.stack, f, m->parts);
		break;
	case HISTORY:
		read_history(&e->finding, f, m->parts);
		break;
	case IGNORED:
		break;
	}
}

static void begin(const struct shape *s, struct trace_event *e)
{
	e->what = s->what;
	e->name = s->name;
	e->call = s->call;
#define X(name) e->name = -1;
	EVENT_NUMBERS(X)
#undef X
	e->duration = e->site = e->error = 0;
	e->has_sigmask = false;
	e->asked.length = e->ready.length = 0;
	if (s->what == EVENT_FINDING)
		memset(&e->finding, 0, sizeof(e->finding));
}

static void end(struct trace_event *e)
{
	if (e->duration < 0 || e->duration > e->end)
		e->duration = 0;
	if (e->site < 0 || e->site > UINT16_MAX)
		e->site = 0;
	if (e->what != EVENT_FINDING)
		return;
	struct finding *f = &e->finding;
	f->severity = e->severity < NOTE || e->severity > ERROR ? ERROR : (uint32_t)e->severity;
	f->epfd = (int32_t)e->epfd;
	f->fd = (int32_t)e->fd;
	f->result = e->result;
	f->error = (int32_t)e->error;
	f->count = (uint64_t)e->count;
	f->pid = e->process->pid;
	f->tid = e->tid;
	f->time_ns = e->end;
	if (f->rule == RULES)
		e->what = EVENT_OTHER; /* of a library with other rules than ours */
}

void shape_read(
	const struct shape *s, const bt_event *from, struct trace_event *e, struct stack *site)
{
	const bt_field *payload = bt_event_borrow_payload_field_const(from);
	begin(s, e);
	for (unsigned i = 0; payload && i < s->count; i++)
		if (s->members[i].is != IGNORED)
			read_member(&s->members[i], part(payload, (uint8_t)i), e,
				s->is_site ? site : NULL);
	end(e);
}

int64_t shape_context(const bt_packet *packet, const char *name)
{
	const bt_field *context = packet ? bt_packet_borrow_context_field_const(packet) : NULL;
	const bt_field *found =
		context ? bt_field_structure_borrow_member_field_by_name_const(context, name)
			: NULL;
	return found && bt_field_class_type_is(
				bt_field_get_class_type(found), BT_FIELD_CLASS_TYPE_INTEGER)
		       ? number(found)
		       : 0;
}

static int64_t environment_number(const bt_trace *trace, const char *name)
{
	const bt_value *v = bt_trace_borrow_environment_entry_value_by_name_const(trace, name);
	return v && bt_value_is_signed_integer(v) ? bt_value_integer_signed_get(v) : 0;
}

static void environment_words(const bt_trace *trace, const char *name, char *to, size_t size)
{
	const bt_value *v = bt_trace_borrow_environment_entry_value_by_name_const(trace, name);
	snprintf(to, size, "%s", v && bt_value_is_string(v) ? bt_value_string_get(v) : "");
}

struct traced_process *shape_process(const bt_trace *trace)
{
	struct traced_process *p = new_memory(sizeof(*p));
	p->pid = (int32_t)environment_number(trace, "vpid");
	environment_words(trace, "program", p->program, sizeof(p->program));
	environment_words(trace, "hostname", p->host, sizeof(p->host));
	return p;
}

#endif

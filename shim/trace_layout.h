/* The layouts of trace.def as packed structures, and the head of a packet. */
#ifndef POLLCHECK_TRACE_LAYOUT_H
#define POLLCHECK_TRACE_LAYOUT_H

#include "calls.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* The mode of a trace's folder in which processes of its group may record. Folders made there are
 * the group's (set-group-ID), and each of its members removes only its own (sticky). */
enum { TRACE_OF_GROUP = 03770 };

/* Types of fields, as the metadata names them. */
typedef uint8_t trace_u8, trace_kind, trace_severity, trace_timeout;
typedef uint16_t trace_u16, trace_error;
typedef uint32_t trace_u32, trace_x32;
typedef uint64_t trace_u64, trace_x64, trace_mask;
typedef int32_t trace_i32, trace_op;
typedef int64_t trace_i64;

/* Strings and the elements of sequences follow the structure. */
#define ELEMENT(name)     struct __attribute__((packed)) trace_##name {
#define LAYOUT(name)      ELEMENT(name)
#define FIELD(type, name) trace_##type name;
#define END                                                                                        \
	}                                                                                          \
	;
#include "trace.def"

enum trace_layout {
#define LAYOUT(name) TRACE_##name,
#include "trace.def"
	TRACE_NOT /* the call is not traced */
};

/* The id of an event: of a call its enum call_id, of the others these. */
enum trace_event {
	TRACE_LAST_CALL = CALLS - 1,
#define RECORD(name, layout, stream_class) TRACE_EVENT_##name,
#include "trace.def"
	TRACE_EVENTS
};
_Static_assert(TRACE_EVENTS <= 256, "an id is a byte");

enum trace_timeout_is {
	TIMEOUT_NONE,
	TIMEOUT_MILLISECONDS,
	TIMEOUT_TIMEVAL,
	TIMEOUT_TIMESPEC,
	TIMEOUT_UNREAD
};

struct __attribute__((packed)) trace_event_head {
	trace_u8 id;
	trace_u64 timestamp;
};

enum { PACKET_MAGIC = 0xC1FC1FC1u };

/* packet.header and packet.context. Sizes are in bits; content_size is what makes an event part of
 * the packet. */
struct packet {
	uint32_t magic;
	uint8_t uuid[16];
	uint32_t stream_id;
	uint64_t stream_instance_id;
	uint64_t timestamp_begin, timestamp_end;
	_Atomic uint32_t content_size;
	uint32_t packet_size;
	uint64_t packet_seq_num, events_discarded;
	int32_t tid;
	uint32_t thread;
	uint64_t events_before, overwritten;
};
_Static_assert(sizeof(struct packet) == 96, "as the metadata has it");

enum trace_layout trace_layout(enum call_id);

#endif

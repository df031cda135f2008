/* Tracepoints of LTTng-UST for the calls that are timed: one before, for its arguments and time,
 * and one after. Included several times by lttng/tracepoint-event.h. */
#undef LTTNG_UST_TRACEPOINT_PROVIDER
#define LTTNG_UST_TRACEPOINT_PROVIDER pollcheck_bench

#undef LTTNG_UST_TRACEPOINT_INCLUDE
#define LTTNG_UST_TRACEPOINT_INCLUDE "shim/bench/lttng_events.h"

#if !defined BENCH_LTTNG_EVENTS_H || defined LTTNG_UST_TRACEPOINT_HEADER_MULTI_READ
#define BENCH_LTTNG_EVENTS_H

#include <lttng/tracepoint.h>
#include <stdint.h>

/* clang-format off */
LTTNG_UST_TRACEPOINT_EVENT(pollcheck_bench, begins,
	LTTNG_UST_TP_ARGS(int, call, int64_t, first, int64_t, second, int64_t, third, const void *, site),
	LTTNG_UST_TP_FIELDS(
		lttng_ust_field_integer(int, call, call)
		lttng_ust_field_integer(int64_t, first, first)
		lttng_ust_field_integer(int64_t, second, second)
		lttng_ust_field_integer(int64_t, third, third)
		lttng_ust_field_integer_hex(uintptr_t, site, (uintptr_t)site)))

LTTNG_UST_TRACEPOINT_EVENT(pollcheck_bench, ended,
	LTTNG_UST_TP_ARGS(int, call, int64_t, result, const char *, ready, size_t, bytes),
	LTTNG_UST_TP_FIELDS(
		lttng_ust_field_integer(int, call, call)
		lttng_ust_field_integer(int64_t, result, result)
		lttng_ust_field_sequence(char, ready, ready, size_t, bytes)))
/* clang-format on */

#endif

#include <lttng/tracepoint-event.h>

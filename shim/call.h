/* struct call: what one interposed call asked and, once made, what was answered; and the thread it
 * ran in. Everything reads it; only the wrapper and the judge write it. */
#ifndef POLLCHECK_CALL_H
#define POLLCHECK_CALL_H

#include "calls.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define likely(x)   __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

#define NOT_MADE INT64_MIN

/* What nearly every call asks lies together: what the kernel does in a call leaves little of us in
 * the processor's first cache. */
#define HOT __attribute__((section("pollcheck_hot")))

/* A timeout as read from the structure the call takes: fraction is in its unit. */
struct timeout {
	int64_t seconds, fraction;
};

enum timeout_unit { NO_TIMEOUT, MILLISECONDS, TIMEVAL, TIMESPEC };

enum { LONG_TIMEOUT_MS = 20 * 24 * 3600 * 1000 };

struct call {
	enum call_id id;
	int32_t epfd, fd, op;
	int64_t nfds; /* of poll and select; maxevents of a wait; size or flags of epoll_create */
	const void *array; /* pollfd or epoll_event array, or the event of epoll_ctl */
	fd_set *sets[3];
	enum timeout_unit unit;
	int32_t milliseconds;
	const void
		*timeout; /* a timeval or timespec when the unit says so: timeout_in reads both */
	const void *sigmask;
	uint64_t size;     /* what a fortified caller says the array holds, in bytes */
	const void *site;  /* return address in the application */
	const void *frame; /* of the wrapper, or of one it called; NULL: not known */
	int64_t result;    /* NOT_MADE: before the call */
	int32_t error;     /* errno, when result is -1 */
	uint64_t begin_ns; /* CLOCK_MONOTONIC, when the log is on or a stall is suspected */
	uint64_t trace_begin, trace_end; /* when the trace is on */
	struct asked *asked;             /* NULL but now and then */
};

/* A copy of select's arguments from before the call, for the rules that need them: the call
 * overwrites them. Only the first FD_SETSIZE bits; words is 0 for a set that is NULL or could not
 * be read. */
enum { ASKED_WORDS = FD_SETSIZE / 64 };
struct asked {
	uint64_t sets[3][ASKED_WORDS];
	bool set_known[3], timeout_known;
	bool sampled; /* it is looked at, and not only recorded */
	bool awaited; /* the call before it, from there, was looked at too */
	bool pending; /* the real call is yet to be made */
	struct timeout timeout;
};

struct batch;
struct waiting;
struct stream;

/* Per thread; at most 128 bytes, for it is carved from every thread's stack (see ld.so(8), static
 * TLS). */
struct self {
	uint32_t ordinal;  /* of the thread, in the order they were seen; 0: not yet */
	bool passing;      /* in a vfork child, which runs in its parent's memory: touch nothing */
	uint8_t error_run; /* the same failure, from the same place, in a row */
	bool blocked;      /* the last wait took a second or more, a stall being suspected, */
	uint32_t waits;    /* and so many waits that may block were begun meanwhile */
	int32_t error_seen;
	const void *error_site;
	uint64_t error_since;  /* nanoseconds, CLOCK_MONOTONIC */
	struct stream *stream; /* of the trace; check that it is still in use */

	const void *select_site; /* the next select from there is to be looked at (sets.h) */

	uint32_t all_waits;       /* that returned */
	int32_t refused_listener; /* plus 1, when its last accept gave EAGAIN */

	/* the last epoll_ctl that failed, until something is done about it */
	union {
		struct {
			bool ctl_failed;
			bool interrupted; /* the last wait, and what follows is awaited */
		};
		uint16_t unsettled; /* both, for the quiet path */
	};
	uint16_t ctl_stack; /* number of the site, with its caller */
	int32_t ctl_epfd, ctl_fd, ctl_op, ctl_error;
	int32_t closed_last; /* the number it closed before, and from where; NULL: it was not open
			      */
	const void *closed_last_site;
	const void *ctl_site;
	struct epoll_event ctl_event;
	uint16_t ctl_calls, ctl_idle; /* epoll_ctl lately, and how many changed nothing */
	struct batch *batch;          /* the events it serves; NULL until it had some */
	struct waiting *waiting;      /* where its waits are published; NULL while it is alone */
};
extern __thread struct self self __attribute__((tls_model("initial-exec")));

/* Whether calls are watched at all: not before our constructor, not with off=1, not after our end.
 */
extern _Atomic bool watching;
/* Whether they are written down, by the log or the trace. */
extern _Atomic bool recording;

static inline bool watched(void)
{
	return likely(atomic_load_explicit(&watching, memory_order_relaxed)) &&
	       likely(!self.passing);
}

/* Field by field: an initializer of this size becomes a rep stos, which alone costs some 20 ns.
 * Always inline, for the frame is the wrapper's. */
static inline __attribute__((always_inline)) void call_begun(
	struct call *c, enum call_id id, const void *site)
{
	c->id = id;
	c->unit = NO_TIMEOUT;
	c->epfd = c->fd = -1;
	c->op = c->milliseconds = c->error = 0;
	c->nfds = c->result = 0;
	c->array = c->timeout = c->sigmask = NULL;
	c->sets[0] = c->sets[1] = c->sets[2] = NULL;
	c->size = c->begin_ns = c->trace_begin = c->trace_end = 0;
	c->site = site;
	c->frame = __builtin_frame_address(0);
	c->asked = NULL;
}

static inline bool takes_time64(const struct call *c)
{
#ifdef TIME64
	return c->id >= CALL___ppoll64 && c->id <= CALL___epoll_pwait2_time64;
#else
	(void)c;
	return false;
#endif
}

static inline size_t timeout_size(const struct call *c)
{
	return takes_time64(c) ? sizeof(struct timespec64) : sizeof(struct timespec);
}

/* memory: c->timeout, or a copy of it. tv_usec and tv_nsec share their place. */
static inline struct timeout timeout_in(const struct call *c, const void *memory)
{
	const struct timespec *t = memory;
	const struct timespec64 *ts = memory;
	const struct timeval64 *tv = memory;
	if (!takes_time64(c))
		return (struct timeout){t->tv_sec, t->tv_nsec};
	return (struct timeout){ts->tv_sec, c->unit == TIMEVAL ? tv->tv_usec : ts->tv_nsec};
}

/* The kernel reads and writes the sets of select(2) in words of this many bits. */
enum { SET_WORD = 8 * sizeof(long) };

static inline size_t set_bytes(int64_t nfds)
{
	return (size_t)(nfds + SET_WORD - 1) / SET_WORD * sizeof(long);
}

/* One word of each, 0 of a set that is NULL; what is in any of them. */
static inline unsigned long set_words(const struct call *c, int64_t word, unsigned long sets[3])
{
	for (int i = 0; i < 3; i++)
		sets[i] = c->sets[i] ? ((const unsigned long *)(const void *)c->sets[i])[word] : 0;
	return sets[0] | sets[1] | sets[2];
}

/* What a set asks for and answers, as poll(2) has it. */
static const uint32_t set_events[3] = {POLLIN, POLLOUT, POLLPRI};

/* A walk through what select answered. The kernel may have looked at fewer words than nfds says
 * (its table's size): the bits that are left tell where to stop reading. */
struct set_walk {
	int64_t left, word;
	unsigned long sets[3], all;
};

static inline struct set_walk set_walk_begins(const struct call *c)
{
	struct set_walk w; /* sets are filled with all */
	w.left = c->result;
	w.word = 0;
	w.all = 0;
	return w;
}

/* The next descriptor and its events; false when that was the last. */
static inline bool set_next(const struct call *c, struct set_walk *w, int *fd, uint32_t *mask)
{
	while (!w->all) {
		if (w->left <= 0 || w->word * SET_WORD >= c->nfds)
			return false;
		w->all = set_words(c, w->word++, w->sets);
	}
	int bit = __builtin_ctzl(w->all);
	w->all &= w->all - 1;
	*fd = (int)((w->word - 1) * SET_WORD) + bit;
	*mask = 0;
	for (int i = 0; i < 3; i++) {
		bool in = w->sets[i] >> bit & 1;
		*mask |= in ? set_events[i] : 0;
		w->left -= in;
	}
	return true;
}

#define CALL_SITE __builtin_extract_return_addr(__builtin_return_address(0))

/* errno is the application's: whatever we do between these two leaves it as it was. */
static inline void restore_errno(const int *saved)
{
	errno = *saved;
}

#define KEEP_ERRNO int kept_errno __attribute__((cleanup(restore_errno), unused)) = errno

#endif

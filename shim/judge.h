/* The judge: called by the wrappers after the real call (or before it, where it says so), it keeps
 * the shadow and asks the rules. Fast paths are inline; everything that needs words is in judge.c.
 */
#ifndef POLLCHECK_JUDGE_H
#define POLLCHECK_JUDGE_H

#include "finding.h"
#include "interest.h"
#include "waiting.h"
#include "wakeups.h"

/* What is remembered of a descriptor whose number may be someone else's by now. */
struct past_life {
	uint16_t registered_site, closed_site, created_site, closed_thread, created_thread;
	uint16_t shared; /* with other numbers, see fdtable.h */
	uint32_t events;
};

/* What a rule may say of what it found; made by its predicate, put into words by report.c. */
struct evidence {
	enum severity severity; /* begins as the row's */
	int fd, epfd;           /* -1: none */
	uint32_t mask;
	int64_t n, m; /* numbers for {n} and {m} of the sentence */
	const char *why, *confirmed_by, *hint;
	const struct fd_record *record;    /* of fd */
	struct registration *registration; /* of fd with epfd */
	uint16_t
		past; /* the site of the call at fault, when that returned before the one at hand */
	const struct past_life *past_life; /* instead of a record */
	bool reused; /* the number is another file's by now: registration is the earlier one's */
	const struct waiter *waiter; /* the thread that waits for fd */
	uint32_t run;                /* unproductive wake-ups in a row */
	uint64_t lasted_us;          /* how long they went on */
	bool declared_idle;          /* few, but the program said there would be none */
};

static inline struct evidence evidence_for(int fd, int epfd)
{
	struct evidence e = {.fd = fd, .epfd = epfd, .record = fd < 0 ? NULL : fd_find(fd)};
	if (epfd >= 0 && fd >= 0)
		e.registration = interest_of(interest_instance(epfd, false), fd);
	return e;
}

/* When the rows of rules.def are asked. */
enum when {
	WHEN_DEAF, /* before a select without limit whose sets are empty, as evidence.fd was lost */
	WHEN_LEFT, /* evidence.fd was lost from sets passed on as select left them */
	WHEN_SPENT,   /* select spins on a timeval of which nothing is left */
	WHEN_REFETCH, /* evidence.fd came again evidence.n times in full batches of timeout 0 */
	WHEN_PARENTS, /* one more epoll instance watches evidence.fd, an epoll instance */
	WHEN_GAVE_UP, /* now and then, when a wait other than select returned 0 after its timeout */
	WHEN_INTERRUPTED, /* a signal ended the wait */
	WHEN_RESTARTED, /* the same, and it had begun anew evidence.n times: evidence.m ms in all */
	WHEN_ENDED,     /* the program ended evidence.n ms after a signal had ended a wait */

	WHEN_FAILED,   /* the call returned -1 */
	WHEN_CTL,      /* epoll_ctl accepted an event mask with bits out of the ordinary */
	WHEN_IDLE_CTL, /* evidence.n of a thread's last evidence.m epoll_ctl calls changed nothing
			*/
	WHEN_CHANGED, /* the pollfd of evidence.fd changed while poll slept evidence.n ms in vain */
	WHEN_STDIO,   /* O_NONBLOCK was left on evidence.fd, which others have too; n: at exec */
	WHEN_MISREAD, /* evidence.n, given for a descriptor, is half of the data of evidence.fd */
	WHEN_DATUM,   /* evidence.fd was stored in data and half of the union was not */
	WHEN_ASKED,   /* now and then, with the arguments copied: c->asked */
	WHEN_LIMIT,   /* the timeout is out of the ordinary */
	WHEN_INVALID, /* a wait found that evidence.fd is not open */
	WHEN_ERRORS,  /* the same wait failed the same way many times in a row */
	WHEN_WAIT,    /* before a wait, while a refused epoll_ctl stands */
	WHEN_RUN,     /* evidence.run unproductive wake-ups by evidence.fd */
	WHEN_FILE,    /* the same by a descriptor of a kind that is always ready */
	WHEN_BUSY,    /* evidence.n waits a second with timeout 0 returned nothing */
	WHEN_BURST,   /* evidence.n such waits filled the time before a deadline, again and again */
	WHEN_TICK,   /* a timeout of evidence.n microseconds expired hundreds of times in seconds */
	WHEN_GHOST,  /* evidence.fd was closed and its registration lives on */
	WHEN_CLOSE,  /* before fd is closed with an unserved event */
	WHEN_WAITED, /* before fd is closed while evidence.waiter waits for it */
	WHEN_STALE,  /* evidence.fd was used for an event of the number's earlier file */
	WHEN_TAKEN,  /* evidence.fd ends while thread evidence.n has an event of it unserved */
	WHEN_GHOST_EVENT, /* a wait returned an event of evidence.fd, proven to be a ghost */
	WHEN_TWICE,       /* close failed: evidence.fd was closed before */
	WHEN_INHERITED,   /* epoll_ctl changed an instance the parent process made */
	WHEN_BLOCKING,    /* before a second read of edge-triggered input that has no O_NONBLOCK */
	WHEN_KEPT,        /* evidence.fd stays open in what a child executed evidence.n ms ago */
	WHEN_EXEC,        /* before exec: evidence.fd would stay open */
	WHEN_FDELT,       /* __fdelt_chk was given evidence.n */
	WHEN_HINT,        /* never by itself: adds its slug and help to a finding of WHEN_RUN */

	/* before a wait, the last that blocked having taken evidence.n milliseconds: */
	WHEN_EDGE,     /* evidence.fd was not drained */
	WHEN_OWED,     /* a write to it was refused or cut short (evidence.m) */
	WHEN_DISARMED, /* its one-shot has fired */

	WHEN_UNASKED, /* data written after connect gave EINPROGRESS and evidence.mask was reported
		       */
	WHEN_WAKING, /* before evidence.fd is written to, evidence.n bytes being unread behind it */
	WHEN_HERD,   /* evidence.n of evidence.m accepts found nothing */
	WHEN_BUFFERED, /* the stream of evidence.fd, waited for, holds evidence.n bytes */
	WHEN_LONG,     /* evidence.n reads of evidence.fd in evidence.m ms without a wait */
};

/* Asks the rows of one kind in order; the first that holds is reported. */
bool judge(enum when, const struct call *, struct evidence *);

/* Whether what is done with fd can be seen: by this number, by calls of this process. */
bool judge_in_sight(int fd, const struct fd_record *);

void judge_failed(struct call *);
void judge_invalid(struct call *, int fd); /* a wait found fd not open */
void judge_begin(struct call *);           /* log time, sampling, a refused epoll_ctl */
void judge_ctl(struct call *, struct change *);
void judge_datum(const struct call *, uint64_t data); /* whose upper half is not zero */
/* Whether number, which no descriptor has, is the lower half of a datum; of fd's registration then.
 */
bool datum_half(int number, int *fd);
/* c failed with EBADF for c->fd. */
bool judge_misread(const struct call *c);
void judge_run(const struct call *, int fd, struct fd_record *, uint32_t run, uint64_t lasted_us,
	bool declared_idle);
void judge_poll_entries(struct call *, const struct pollfd *);
void judge_select_sets(struct call *);
void judge_epoll_events(struct call *, const struct epoll_event *);
void judge_limit(struct call *);
void judge_empty(struct call *); /* a wait returned no event, or failed */
void judge_asked(
	struct call *, struct asked *); /* before select: copies the arguments now and then */
void judge_sampled(struct call *);
/* Before and after close: input about to be lost, a number closed twice. */
void judge_closing(int fd, struct fd_record *, enum call_id, const void *site);
void judge_waited(int fd, enum call_id, const void *site);
/* After EPOLL_CTL_DEL, while the shadow still has the registration. */
void judge_removed(const struct call *, const struct fd_record *);
void judge_not_closed(int fd, enum call_id, const void *site);
/* Around input and output of a descriptor that is attended, or does not block. */
void input_begins(enum call_id, const void *site, int fd, int flags);
void output_begins(enum call_id, const void *site, int fd, size_t size, int flags);
ssize_t output_ended(enum call_id, const void *site, int fd, ssize_t result, size_t asked);
void judge_exec(const void *site, enum call_id);
void judge_fdelt(long number, enum call_id, const void *site);

/* Before fd ends as the file it is: by close, or as the target of dup2. */
static inline void number_ends(int fd, enum call_id id, const void *site)
{
	if (unlikely(waiting_matters(fd)))
		judge_waited(fd, id, site);
}

#endif

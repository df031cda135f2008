/* Runs of unproductive wake-ups: what ends one, and when one is worth judging. */
#include "wakeups.h"

#include "annotations.h"
#include "batch.h"
#include "config.h"
#include "judge.h"
#include "process.h"
#include "stalls.h"
#include "turns.h"
#include "wakers.h"

/* A descriptor is suspected after spin_threshold wake-ups in a row that come faster than one in two
 * milliseconds and last a tenth of a second: shorter runs are a worker thread taking its time. */
enum { PERIOD_MOST = 64, RUN_LEAST_MS = 100, GAP_MOST_US = 2000, ENDS_MOST = 64 };

HOT _Atomic uint32_t wakeup_period = PERIOD_MOST - 1;
static uint32_t usual_period = PERIOD_MOST - 1;
HOT _Atomic int wakeups_starved_listener;
static _Atomic uint32_t served_single, served_several;

void wakeups_start(void)
{
	uint32_t period = PERIOD_MOST;
	while (period > 1 && (long)period > config.spin_threshold)
		period /= 2;
	usual_period = period - 1;
	PUT(wakeup_period, usual_period);
}

void wakeups_look_at_each(bool on)
{
	PUT(wakeup_period, on ? 0 : usual_period);
}

static bool single_bit(uint32_t mask)
{
	return mask && (mask & (mask - 1)) == 0;
}

static void remember_served(struct fd_record *r)
{
	uint32_t mask = GET(r->mask);
	if (!single_bit(mask)) {
		if (mask && !GET(served_several))
			PUT(served_several, 1);
		return;
	}
	if ((GET(r->served) & mask) != mask)
		PUT(r->served, (uint16_t)(GET(r->served) | mask));
	if ((GET(served_single) & mask) != mask)
		atomic_fetch_or(&served_single, mask);
}

bool wakeups_equality_test(const struct fd_record *record, uint32_t mask)
{
	struct fd_record *r = (struct fd_record *)record;
	uint32_t served = GET(r->served) | GET(served_single);
	return !single_bit(mask) && (mask & served) && !GET(served_several);
}

void wakeups_served(struct fd_record *r)
{
	if (GET(r->attention) & EVENT_DELIVERED)
		remember_served(r);
	PUT(r->attention, GET(r->attention) & (STALE_EVENT | FRESH));
	PUT(r->run, 0);
	PUT(r->evidence, 0);
	PUT(r->zero_reads, 0);
}

void wakeups_drained(struct fd_record *r)
{
	wakeups_served(r);
}

void wakeups_number_freed(void)
{
	int listener = atomic_exchange(&wakeups_starved_listener, 0) - 1;
	struct fd_record *r = listener < 0 ? NULL : fd_find(listener);
	if (r)
		wakeups_served(r);
}

/* A refusal counts as progress once: the program looked, and may have to look again later. */
static void once(struct fd_record *r, enum fd_evidence evidence)
{
	uint8_t had = GET(r->evidence);
	if (!(had & evidence)) {
		PUT(r->run, 0);
		PUT(r->evidence, had | evidence);
	}
}

static void noted(struct fd_record *r, enum fd_evidence evidence)
{
	PUT(r->evidence, GET(r->evidence) | evidence);
}

static void end_read(struct fd_record *r)
{
	uint8_t kind = GET(r->kind);
	if (kind == FD_UDP || kind == FD_UNIX_DGRAM || kind == FD_SOCKET) {
		wakeups_served(r); /* an empty datagram is data */
		return;
	}
	remember_served(r);
	noted(r, READ_END);
	uint32_t reads = GET(r->zero_reads) + 1;
	PUT(r->zero_reads, (uint16_t)(reads < ENDS_MOST ? reads : ENDS_MOST));
}

static void refused(int fd, struct fd_record *r, enum attempt attempt, int error)
{
	bool again = error == EAGAIN || error == EINPROGRESS || error == EALREADY;
	if (attempt == ACCEPT &&
		(error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM)) {
		noted(r, ACCEPT_FULL);
		atomic_store(&wakeups_starved_listener, fd + 1);
	} else if (attempt == OUTPUT) {
		once(r, WRITE_AGAIN);
	} else if (again && !(GET(r->mask) & (POLLIN | POLLPRI | POLLRDHUP | POLLHUP | POLLERR))) {
		noted(r, READ_AGAIN); /* it was told writable: the other direction is no progress */
	} else if (error != EINTR) {
		once(r, again ? READ_AGAIN : READ_ERROR);
	}
}

void attempt_noted(int fd, struct fd_record *r, enum attempt attempt, int64_t result, size_t asked)
{
	int error = result < 0 ? errno : 0;
	if (GET(r->attention) & NOT_OPEN) {
		if (error != EBADF)
			fd_seen(fd);
		return;
	}
	if (GET(r->edge) && (attempt == INPUT || attempt == ACCEPT))
		stall_input(fd, r, attempt, result, asked);
	if (unlikely(GET(r->attention) & (STALE_EVENT | FRESH)))
		batch_attempted(fd, r, attempt, result, error);
	if (unlikely(GET(r->owes) & CONNECTING) && attempt == INPUT && result >= 0)
		atomic_fetch_and(&r->owes, (uint8_t)~CONNECTING); /* it was made */
	if (attempt == INPUT)
		turn_read(fd, r, result);
	if (!GET(r->attention))
		return;
	if (attempt == INPUT && result > 0 && may_be_woken(r))
		waker_read(fd, r, result, asked);
	if (result < 0)
		refused(fd, r, attempt, error);
	else if (attempt == PEEK)
		noted(r, PEEKED);
	else if (attempt == INPUT && result == 0 && asked)
		end_read(r);
	else
		wakeups_served(r);
}

/* --- suspicion --- */

static bool worth_judging(struct fd_record *r, uint32_t run, uint64_t lasted_us)
{
	if (GET(r->zero_reads) >= ENDS_MOST && GET(r->kind) != FD_FIFO && GET(r->kind) != FD_TTY)
		return true; /* end of file on a stream is for ever, whatever the pace */
	return run >= (uint32_t)config.spin_threshold && lasted_us >= RUN_LEAST_MS * 1000u &&
	       lasted_us / run < GAP_MOST_US;
}

void wakeup_suspected(const struct call *c, int fd, struct fd_record *r)
{
	KEEP_ERRNO;
	uint32_t run = GET(r->run);
	uint64_t now = process_now();
	if (run <= GET(wakeup_period) + 1) {
		PUT(r->run_since, now);
		PUT(r->judged, 0);
		return;
	}
	uint64_t lasted_us = (now - GET(r->run_since)) / 1000;
	bool spins = worth_judging(r, run, lasted_us);
	if (GET(r->judged) || !(spins || annotations_idle(c->epfd)))
		return;
	PUT(r->judged, 1); /* said, or found innocent: once a run */
	judge_run(c, fd, r, run, lasted_us, !spins);
}

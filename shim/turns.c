/* One row a thread. The clock is looked at only in a long one. */
#include "turns.h"

#include "judge.h"
#include "process.h"

enum { THREADS = 256, CLOCK_EVERY = 64, LONG_MS = 1000 };

static struct row {
	int fd;
	uint32_t generation, waits, reads;
	uint64_t since; /* nanoseconds; of the first look at the clock */
	bool said;
} rows[THREADS];

/* A counter is empty after one read. */
static bool may_go_on(struct fd_record *r)
{
	uint8_t kind = GET(r->kind);
	return kind != FD_EVENTFD && kind != FD_TIMERFD;
}

/* The thread's row, if it is one of fd in this turn; NULL if not. */
static struct row *row_of(int fd, const struct fd_record *r)
{
	uint32_t thread = process_thread();
	struct row *row = thread < THREADS ? &rows[thread] : NULL;
	bool same = row && row->fd == fd && row->generation == fd_generation(r) &&
		    row->waits == self.all_waits;
	return same ? row : NULL;
}

static void row_begins(int fd, const struct fd_record *r)
{
	uint32_t thread = process_thread();
	if (thread < THREADS)
		rows[thread] = (struct row){fd, fd_generation(r), self.all_waits, 0, 0, false};
}

void turn_read(int fd, struct fd_record *r, int64_t result)
{
	bool counted = GET(r->owes) & COUNTED;
	struct row *row = counted || GET(r->edge) ? row_of(fd, r) : NULL;
	if (row && result > 0) {
		row->reads++;
	} else if (counted) {
		atomic_fetch_and(&r->owes, (uint8_t)~COUNTED);
	} else if (result > 0 && self.all_waits && self.all_waits % TURNS_COUNTED == 0 &&
		   may_go_on(r)) {
		row_begins(fd, r);
		if (!GET(r->edge)) /* which is looked at anyway */
			atomic_fetch_or(&r->owes, COUNTED);
	}
}

void turn_goes_on(int fd, enum call_id id, const void *site)
{
	struct fd_record *r = fd_find(fd);
	struct row *row = row_of(fd, r);
	if (!row || row->said || row->reads == 0 || row->reads % CLOCK_EVERY)
		return;
	uint64_t now = process_now();
	if (!row->since)
		row->since = now;
	uint64_t lasted_ms = (now - row->since) / 1000000;
	if (lasted_ms < LONG_MS)
		return;
	KEEP_ERRNO;
	struct call c = {.id = id, .site = site, .epfd = -1, .fd = fd, .result = NOT_MADE};
	struct evidence e = evidence_for(fd, -1);
	row->said = true;
	e.n = row->reads;
	e.m = (int64_t)lasted_ms;
	e.confirmed_by = "count";
	judge(WHEN_LONG, &c, &e);
}

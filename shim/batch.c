/* Events that outlive their file. An entry of the batch is stale when its descriptor was closed
 * before the program came to it; what counts is only that it is then applied to the new file of the
 * number. */
#include "batch.h"

#include "judge.h"
#include "process.h"
#include "stack.h"

/* Index 0 serves the threads beyond, of whom nothing is known. */
static struct batch batches[BATCH_THREADS];

_Atomic bool batch_learning;
static _Atomic uint32_t fresh_born, fresh_read;
enum { FRESH_ENOUGH = 8 };

static struct batch *batch_met(void)
{
	uint32_t thread = process_thread();
	struct batch *b = &batches[thread < BATCH_THREADS ? thread : 0];
	if (b != batches)
		PUT(b->stamp, (uint16_t)(thread * BATCH_NUMBERS));
	return self.batch = b;
}

uint16_t batch_new(const struct call *c)
{
	struct batch *b = likely(self.batch != NULL) ? self.batch : batch_met();
	if (unlikely(b == batches))
		return 0;
	if (unlikely(b->stale_count))
		batch_over();
	uint16_t stamp = GET(b->stamp), next = (stamp + 1) & (BATCH_NUMBERS - 1);
	stamp = (uint16_t)((stamp & ~(BATCH_NUMBERS - 1)) | next);
	PUT(b->stamp, stamp);
	b->epfd = c->epfd;
	b->several = c->result > 1;
	return stamp;
}

static void stale_over(struct batch *b)
{
	for (uint32_t i = 0; i < b->stale_count; i++) {
		struct fd_record *r = fd_find(b->stale[i].fd);
		if (b->stale[i].generation && r)
			atomic_fetch_and(&r->attention, (uint8_t)~STALE_EVENT);
	}
	b->stale_count = 0;
}

void batch_over(void)
{
	struct batch *b = self.batch;
	if (unlikely(b == batches))
		return;
	b->several = false;
	if (unlikely(b->stale_count))
		stale_over(b);
}

/* --- one thread --- */

static bool unserved(const struct fd_record *record)
{
	struct fd_record *r = (struct fd_record *)record;
	uint8_t attention = GET(r->attention);
	if (!attention)
		return (GET(r->edge) & (EDGE_OPEN | EDGE_TAKEN)) == EDGE_OPEN;
	return attention == EVENT_DELIVERED && !GET(r->evidence);
}

void batch_closing(int fd, struct fd_record *r, const void *site)
{
	struct batch *b = self.batch;
	if (!b || b == batches || !b->several || b->stale_count == STALE_MOST || !unserved(r) ||
		GET(r->batch) != GET(b->stamp) || fd_is_shared(r))
		return;
	struct registration *g = fd_registration(r);
	b->stale[b->stale_count++] = (struct stale_event){.fd = fd,
		.mask = GET(r->mask),
		.registered_site = g ? GET(g->add_site) : 0,
		.closed_site = site_of(site)};
	PUT(batch_learning, true);
}

static struct stale_event *stale_of(int fd)
{
	struct batch *b = self.batch;
	for (uint32_t i = 0; b && i < b->stale_count; i++)
		if (b->stale[i].fd == fd)
			return &b->stale[i];
	return NULL;
}

uint8_t batch_reborn(int fd, const struct fd_record *r)
{
	struct stale_event *s = stale_of(fd);
	if (!s)
		return 0;
	s->generation = fd_generation(r);
	return STALE_EVENT;
}

void batch_accepted(int fd, struct fd_record *r)
{
	struct stale_event *s = stale_of(fd);
	atomic_fetch_add(&fresh_born, 1);
	if (s)
		s->accepted = true;
	else
		PUT(r->attention, FRESH);
}

/* Nobody reads what it has just made and not yet given to anyone: but for an accepted connection,
 * which may be read in the hope of data, and files, whose data is there. */
static bool strange_to_read(const struct fd_record *record, const struct stale_event *s, int error)
{
	struct fd_record *r = (struct fd_record *)record;
	uint8_t kind = GET(r->kind);
	if (GET(r->shared) || (error != EAGAIN && error != ENOTCONN))
		return false;
	if (s->accepted)
		return !GET(fresh_read);
	return (kind >= FD_TCP && kind <= FD_PIPE) || (kind >= FD_EVENTFD && kind <= FD_INOTIFY);
}

static void judge_stale(int fd, const struct fd_record *r, const struct stale_event *s, int error)
{
	struct call c = {.epfd = -1, .fd = fd, .result = -1, .error = error};
	struct past_life past = {.registered_site = s->registered_site,
		.closed_site = s->closed_site,
		.closed_thread = (uint16_t)process_thread()};
	struct evidence e = evidence_for(fd, -1);
	stack_caller(&c.id, &c.site);
	c.epfd = e.epfd = self.batch->epfd;
	e.record = r;
	e.past_life = &past;
	e.mask = s->mask;
	if (s->accepted && GET(fresh_born) < FRESH_ENOUGH)
		e.why = "; or else the program reads at once what it accepts";
	e.confirmed_by = "return value";
	judge(WHEN_STALE, &c, &e);
}

void batch_attempted(int fd, struct fd_record *r, enum attempt attempt, int64_t result, int error)
{
	struct stale_event *s = GET(r->attention) & STALE_EVENT ? stale_of(fd) : NULL;
	bool input = attempt == INPUT || attempt == PEEK || attempt == ACCEPT;
	if (attempt == OTHER_USE)
		return;
	if (input && (GET(r->attention) & FRESH))
		atomic_fetch_add(&fresh_read, 1);
	atomic_fetch_and(&r->attention, (uint8_t) ~(STALE_EVENT | FRESH));
	if (s && input && result < 0 && s->generation == fd_generation(r) && s->mask != POLLOUT &&
		strange_to_read(r, s, error))
		judge_stale(fd, r, s, error);
}

/* --- two threads --- */

uint32_t batch_elsewhere(const struct fd_record *record)
{
	struct fd_record *r = (struct fd_record *)record;
	uint16_t stamp = GET(r->batch);
	uint32_t thread = stamp / BATCH_NUMBERS;
	if (!thread || thread == self.ordinal || !unserved(r) ||
		GET(batches[thread].stamp) != stamp || waiting_now(thread))
		return 0;
	return thread;
}

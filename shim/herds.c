/* Counts of accepts, for the few listeners a process has. An accept that was refused after one that
 * was not may be the end of a loop until EAGAIN: only one that follows a refusal of the same thread
 * is known to be the first of its wake-up. */
#include "herds.h"

#include "judge.h"

enum { LISTENERS = 16, LOOK = 500, WAKEUPS_LEAST = 1000 };

static struct herd {
	_Atomic uint64_t whose;
	_Atomic uint32_t refused, taken;
} herds[LISTENERS];

static struct herd *herd_of(int listener, const struct fd_record *r)
{
	struct herd *h = &herds[(unsigned)listener % LISTENERS];
	uint64_t key = (uint64_t)fd_generation(r) << 32 | ((uint32_t)listener + 1);
	if (GET(h->whose) != key) {
		PUT(h->whose, key);
		PUT(h->refused, 0);
		PUT(h->taken, 0);
	}
	return h;
}

static void refused(struct herd *h, int listener, enum call_id id, const void *site)
{
	uint32_t many = GET(h->refused) + 1, all = many + GET(h->taken);
	PUT(h->refused, many);
	if (many % LOOK || all < WAKEUPS_LEAST || many * 2 < all)
		return;
	KEEP_ERRNO;
	struct call c = {
		.id = id, .site = site, .epfd = -1, .fd = listener, .result = -1, .error = errno};
	struct evidence e = evidence_for(listener, -1);
	e.n = many;
	e.m = all;
	e.confirmed_by = "count";
	judge(WHEN_HERD, &c, &e);
}

void herd_accepted(int listener, int64_t result, enum call_id id, const void *site)
{
	struct fd_record *r = fd_find(listener);
	bool again = result < 0 && errno == EAGAIN, first = self.refused_listener == listener + 1;
	if (!r || (result < 0 && !again))
		return;
	self.refused_listener = again ? listener + 1 : 0;
	struct herd *h = herd_of(listener, r);
	if (!again)
		PUT(h->taken, GET(h->taken) + 1);
	else if (first)
		refused(h, listener, id, site);
}

/* Compares what poll(2) was given with what is there once it timed out. */
#include "changed.h"

#include "fetch.h"
#include "judge.h"

enum { CHANGED_THREADS = 256, ENTRIES = 64, LEAST_MS = 1000 };

static struct copy {
	bool met, slept, valid;
	int64_t count;
	struct pollfd fds[ENTRIES];
} copies[CHANGED_THREADS];

static bool is_poll(const struct call *c)
{
	return calls[c->id].roles[0] == FDS[0];
}

bool changed_begins(uint32_t thread, const struct call *c)
{
	if (thread >= CHANGED_THREADS || !is_poll(c))
		return false;
	struct copy *copy = &copies[thread];
	bool due = !copy->met || copy->slept;
	copy->met = true;
	copy->slept = copy->valid = false;
	if (!due || c->nfds < 1 || (c->unit == MILLISECONDS && c->milliseconds < LEAST_MS))
		return false;
	KEEP_ERRNO;
	copy->count = c->nfds < ENTRIES ? c->nfds : ENTRIES;
	copy->valid = fetch(copy->fds, c->array, (size_t)copy->count * sizeof(*copy->fds));
	return copy->valid;
}

static int64_t slept_ms(const struct call *c)
{
	if (c->unit == MILLISECONDS)
		return c->milliseconds;
	struct timeout t = c->timeout ? timeout_in(c, c->timeout) : (struct timeout){0, 0};
	return t.seconds * 1000 + t.fraction / 1000000;
}

/* The descriptor that somebody wants watched, or watched for more, since the wait began. */
static int changed_in(const struct copy *copy, const struct pollfd *fds)
{
	for (int64_t i = 0; copy->valid && i < copy->count; i++)
		if (fds[i].fd >= 0 &&
			(fds[i].fd != copy->fds[i].fd || (fds[i].events & ~copy->fds[i].events)))
			return fds[i].fd;
	return -1;
}

bool changed_expired(uint32_t thread, const struct call *c)
{
	if (thread >= CHANGED_THREADS || !is_poll(c) || slept_ms(c) < LEAST_MS)
		return false;
	KEEP_ERRNO;
	struct copy *copy = &copies[thread];
	int fd = changed_in(copy, c->array);
	copy->slept = true;
	if (fd < 0)
		return true;
	struct evidence e = evidence_for(fd, -1);
	e.n = slept_ms(c);
	judge(WHEN_CHANGED, c, &e);
	return true;
}

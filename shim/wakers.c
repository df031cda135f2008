/* Both ends of a pair have an entry, found by number; two that share a place take it from each
 * other. */
#include "wakers.h"

#include "judge.h"
#include "process.h"

enum {
	ENDS = 256,
	TOKEN_BYTES = 8, /* a byte or a counter: more is data, and its writer may want to block */
	/* unread bytes from which on an end may be full: a pipe of 64 KiB, a socket by single bytes
	 */
	PIPE_FILLING = 32768,
	PIPE_MOST = 65536 + 4096,
	SOCKET_FILLING = 128,
	HABIT = 32, /* so many wake-ups make it one that is there for waking */
};

static struct end {
	_Atomic uint64_t whose, other;
	_Atomic uint32_t unread,
		reader;           /* bytes behind the other end; the thread that reads here */
	_Atomic uint32_t wakeups; /* written here so far */
} ends[ENDS];

static uint64_t key_of(int fd)
{
	struct fd_record *r = fd < 0 ? NULL : fd_find(fd);
	return r ? (uint64_t)fd_generation(r) << 32 | ((uint32_t)fd + 1) : 0;
}

static int fd_of(uint64_t key)
{
	return (int)(uint32_t)key - 1;
}

static struct end *end_of(int fd)
{
	struct end *e = &ends[(unsigned)fd % ENDS];
	return GET(e->whose) == key_of(fd) ? e : NULL;
}

void waker_pair(const int fds[2])
{
	for (int i = 0; i < 2; i++) {
		struct end *e = &ends[(unsigned)fds[i] % ENDS];
		PUT(e->whose, key_of(fds[i]));
		PUT(e->other, key_of(fds[1 - i]));
		PUT(e->unread, 0);
		PUT(e->wakeups, 0);
	}
}

void waker_read(int fd, struct fd_record *r, int64_t result, size_t asked)
{
	struct end *here = end_of(fd), *there = here ? end_of(fd_of(GET(here->other))) : NULL;
	struct fd_record *writer = there ? fd_find(fd_of(GET(here->other))) : NULL;
	if (!writer || GET(here->other) != GET(there->whose) ||
		GET(r->forks) != (uint16_t)GET(fd_forks))
		return;
	uint32_t unread = GET(there->unread);
	bool all = (size_t)result < asked || (uint32_t)result > unread;
	PUT(there->unread, all ? 0 : unread - (uint32_t)result);
	PUT(here->reader, process_thread());
	if (!(GET(writer->owes) & WAKES))
		atomic_fetch_or(&writer->owes, WAKES);
}

static void no_waker(struct fd_record *r, struct end *e)
{
	atomic_fetch_and(&r->owes, (uint8_t)~WAKES);
	if (e)
		PUT(e->other, 0);
}

/* Whether the end may be full by what was counted; a count beyond what it holds missed reads. */
static bool may_be_full(struct fd_record *r, struct end *e, uint32_t unread)
{
	if (GET(r->kind) != FD_PIPE)
		return unread >= SOCKET_FILLING;
	if (unread > PIPE_MOST)
		PUT(e->unread, 0);
	return unread >= PIPE_FILLING && unread <= PIPE_MOST;
}

void waker_writes(int fd, struct fd_record *r, size_t size, enum call_id id, const void *site)
{
	struct end *here = end_of(fd), *reader = here ? end_of(fd_of(GET(here->other))) : NULL;
	if (!reader || GET(here->other) != GET(reader->whose) || size == 0 || size > TOKEN_BYTES ||
		GET(r->forks) != (uint16_t)GET(fd_forks)) {
		no_waker(r, here);
		return;
	}
	if (GET(r->flags) & FD_NONBLOCKING)
		return;
	uint32_t unread = GET(here->unread), wakeups = GET(here->wakeups) + 1;
	PUT(here->unread, unread + (uint32_t)size);
	PUT(here->wakeups, wakeups);
	if (wakeups != HABIT && !may_be_full(r, here, unread))
		return;
	KEEP_ERRNO;
	struct call c = {.id = id, .site = site, .epfd = -1, .fd = fd, .result = NOT_MADE};
	struct evidence e = evidence_for(fd, -1);
	e.n = wakeups == HABIT ? 0 : unread;
	e.m = GET(reader->reader) == process_thread();
	judge(WHEN_WAKING, &c, &e);
}

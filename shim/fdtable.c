/* The table of descriptors. What the kernel does to the interest lists when a number is closed or
 * duplicated is told to interest.c from here, and from nowhere else. */
#include "fdtable.h"

#include "batch.h"
#include "ghosts.h"
#include "interest.h"
#include "process.h"
#include "shares.h"
#include "stack.h"
#include "stalls.h"
#include "swap.h"
#include "trace.h"
#include "wakeups.h"

#include <netinet/in.h>

static struct fd_record first_chunk[FD_CHUNK];
struct fd_record *_Atomic fd_chunks[FD_CHUNKS] = {first_chunk};
_Atomic uint32_t fd_forks, fd_births;
static _Atomic uint32_t highest_chunk;

static struct fd_record *chunk_made(uint32_t index)
{
	struct fd_record *made = process_memory(FD_CHUNK * sizeof(*made)), *found = NULL;
	if (!made)
		return NULL;
	if (!atomic_compare_exchange_strong(&fd_chunks[index], &found, made))
		made = found; /* another thread was first: ours stays, untouched pages cost nothing
			       */
	uint32_t highest = GET(highest_chunk);
	while (index > highest && !atomic_compare_exchange_weak(&highest_chunk, &highest, index))
		;
	return made;
}

struct fd_record *fd_claim(int fd)
{
	struct fd_record *r = fd_find(fd);
	if (likely(r != NULL))
		return r;
	if ((unsigned)fd >= FD_CHUNK * FD_CHUNKS) {
		if (fd >= 0)
			process_unwatched(FD_BEYOND_TABLE);
		return NULL;
	}
	struct fd_record *chunk = chunk_made((unsigned)fd / FD_CHUNK);
	return chunk ? &chunk[(unsigned)fd % FD_CHUNK] : NULL;
}

/* --- birth and death --- */

static void wakeups_cleared(struct fd_record *r)
{
	PUT(r->run, 0);
	PUT(r->run_mask, 0);
	PUT(r->evidence, 0);
	PUT(r->mask, 0);
	PUT(r->zero_reads, 0);
	PUT(r->invalid, 0);
}

/* What a generation was, read before its end is announced: afterwards the record may be someone
 * else's. */
struct past {
	uint32_t generation;
	uint16_t shared, instance, forks;
	uint8_t kind, flags;
};

static struct past past_of(struct fd_record *r, uint32_t state)
{
	return (struct past){state >> 2, GET(r->shared), GET(r->instance), GET(r->forks),
		GET(r->kind), GET(r->flags)};
}

static void share_over(uint16_t shared)
{
	interest_share_gone(shared);
	share_freed(shared);
}

/* The others may have left since it was asked for them. */
void fd_leaves(uint16_t shared)
{
	if (unlikely(share_left(shared)))
		share_over(shared);
}

/* What the kernel dropped with the generation is dropped here too. Orphans come before the number
 * leaves its share: whoever leaves last takes them all away. */
static void retire(int fd, struct fd_record *r, struct past past)
{
	if (likely(!past.shared && !(past.flags & FD_REGISTERED) && past.kind != FD_EPOLL))
		return;
	bool held = share_has_others(past.shared);
	if ((past.flags & FD_REGISTERED) && held && past.shared != SHARE_UNKNOWN)
		interest_orphaned(fd, past.generation, past.shared,
			past.flags & FD_REGISTERED2 ? 0 : past.instance);
	/* A duplicate, a child forked since, a receiver of SCM_RIGHTS may hold the description
	 * still. */
	if (unlikely((past.flags & FD_REGISTERED) && past.kind != FD_EPOLL &&
		     (held || (past.flags & FD_SENT) || past.forks != (uint16_t)GET(fd_forks))))
		ghost_suspect(fd, r, past.instance);
	if (!share_left(past.shared))
		return;
	if (past.kind == FD_EPOLL)
		interest_instance_gone(past.instance);
	if (past.shared)
		share_over(past.shared);
}

static bool moved(struct fd_record *r, uint32_t *state, uint32_t generation, enum fd_state to)
{
	return swap32(&r->state, state, generation << 2 | to);
}

static struct fd_record *made(int fd, enum fd_kind kind, unsigned flags, const void *site)
{
	struct fd_record *r = fd < 0 ? NULL : fd_claim(fd);
	if (!r)
		return NULL;
	uint32_t state = atomic_load(&r->state);
	struct past past;
	do
		past = past_of(r, state);
	while (!moved(r, &state, (state >> 2) + 1, FD_OPEN));
	if ((state & 3) == FD_OPEN || (state & 3) == FD_CLOSING)
		retire(fd, r, past);
	PUT(fd_births, GET(fd_births) + 1);
	wakeups_cleared(r);
	PUT(r->served, 0);
	PUT(r->edge, 0);
	PUT(r->owes, 0);
	PUT(r->peer, 0);
	PUT(r->kind, (uint8_t)kind);
	PUT(r->flags, (uint8_t)(flags | (site ? FD_BIRTH_SEEN : 0)));
	PUT(r->instance, 0);
	PUT(r->registration, NULL);
	PUT(r->shared, 0);
	PUT(r->created_site, site ? site_with_caller(site, NULL) : 0);
	PUT(r->created_thread, (uint16_t)process_thread());
	uint32_t forks = GET(fd_forks);
	PUT(r->forks, (uint16_t)forks);
	PUT(r->attention, batch_stale() ? batch_reborn(fd, r) : 0);
	return r;
}

struct fd_record *fd_born(int fd, enum fd_kind kind, unsigned flags, const void *site)
{
	struct fd_record *r = made(fd, kind, flags, site);
	if (unlikely(r && GET(trace_on)))
		trace_born(fd, r, -1, GET(r->created_site));
	return r;
}

struct fd_record *fd_seen(int fd)
{
	struct fd_record *r = fd < 0 ? NULL : fd_claim(fd);
	if (!r)
		return NULL;
	uint32_t state = atomic_load_explicit(&r->state, memory_order_acquire) & 3;
	return likely(state == FD_OPEN || state == FD_CLOSING) ? r
							       : fd_born(fd, FD_UNKNOWN, 0, NULL);
}

void fd_closing(int fd, const void *site)
{
	struct fd_record *r = fd_find(fd);
	if (!r)
		return;
	uint32_t state = atomic_load_explicit(&r->state, memory_order_acquire);
	if ((state & 3) != FD_OPEN || !moved(r, &state, state >> 2, FD_CLOSING))
		return;
	PUT(r->closed_site, site_with_caller(site, NULL));
	PUT(r->closed_thread, (uint16_t)process_thread());
}

void fd_closed(int fd, bool succeeded)
{
	struct fd_record *r = fd_find(fd);
	if (!r)
		return;
	uint32_t state = atomic_load_explicit(&r->state, memory_order_acquire);
	if ((state & 3) != FD_CLOSING && !((state & 3) == FD_UNSEEN && succeeded))
		return;
	struct past past = past_of(r, state);
	if (!moved(r, &state, past.generation, FD_CLOSED))
		return;
	if ((state & 3) == FD_CLOSING)
		retire(fd, r, past);
	if (unlikely(GET(r->edge) | GET(r->owes)))
		stalls_forget(fd, past.generation);
	PUT(r->attention, NOT_OPEN);
	if (unlikely(GET(trace_on)))
		trace_closed(fd, past.generation, GET(r->closed_site));
}

void fd_duplicated(int from, int to, bool cloexec, const void *site)
{
	if (from == to || to < 0)
		return;
	struct fd_record *source = fd_seen(from);
	struct fd_record *copy = source ? made(to, (enum fd_kind)GET(source->kind), 0, site) : NULL;
	if (!copy)
		return;
	uint16_t shared = share_joined(source);
	PUT(copy->shared, shared);
	if (GET(source->kind) == FD_EPOLL)
		PUT(copy->instance, GET(source->instance));
	uint8_t inherited = GET(source->flags) & (FD_NONBLOCKING | FD_SENT | FD_STDIO);
	PUT(copy->flags, (uint8_t)(inherited | FD_BIRTH_SEEN | (cloexec ? FD_CLOSE_ON_EXEC : 0)));
	PUT(copy->forks, GET(source->forks));
	if (shared != SHARE_UNKNOWN)
		interest_regained(to, shared);
	if (unlikely(GET(trace_on)))
		trace_born(to, copy, from, GET(copy->created_site));
}

void fd_peer(int fd, const struct sockaddr *address)
{
	struct fd_record *r = address->sa_family == AF_INET ? fd_find(fd) : NULL;
	const struct sockaddr_in *in = (const void *)address;
	if (!r)
		return;
	PUT(r->peer, in->sin_addr.s_addr);
	PUT(r->peer_port, in->sin_port);
}

/* --- many at once --- */

int fd_highest(void)
{
	return (int)(GET(highest_chunk) + 1) * FD_CHUNK - 1;
}

static unsigned last_seen(unsigned last)
{
	return last < (unsigned)fd_highest() ? last : (unsigned)fd_highest();
}

void fd_range_closed(unsigned first, unsigned last, const void *site)
{
	last = last_seen(last);
	for (unsigned fd = first; fd <= last; fd++) {
		struct fd_record *r = fd_find((int)fd);
		if (r && (GET(r->state) & 3) == FD_OPEN) {
			fd_closing((int)fd, site);
			fd_closed((int)fd, true);
		}
	}
}

void fd_range_cloexec(unsigned first, unsigned last)
{
	last = last_seen(last);
	for (unsigned fd = first; fd <= last; fd++)
		fd_flag((int)fd, FD_CLOSE_ON_EXEC, true);
}

void fd_flag(int fd, enum fd_flag flag, bool on)
{
	struct fd_record *r = fd_find(fd);
	if (!r)
		return;
	if (on)
		atomic_fetch_or(&r->flags, (uint8_t)flag);
	else
		atomic_fetch_and(&r->flags, (uint8_t)~flag);
}

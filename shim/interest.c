/* What epoll_ctl(2) changes in an interest list, as its answers tell. */
#include "interest.h"

#include "stack.h"
#include "swap.h"

bool interest_was_registered(uint16_t instance, int fd)
{
	struct registration *g = interest_slot(instance, fd);
	struct fd_record *r = fd_find(fd);
	uint64_t presence = g ? GET(g->presence) : 0;
	uint64_t now = r ? interest_owner(instance, fd_generation(r)) : 0;
	return (presence & (COUNTS - 1)) > COUNT_ZERO &&
	       presence >> OF_INSTANCE == now >> OF_INSTANCE && presence < now;
}

/* Nobody else was at it when the change began, nor is now. */
static bool alone(const struct change *change, uint32_t changes)
{
	return changes == change->ticket && (changes & 0xfff) == 1;
}

/* With nobody at it, a count other than 0 or 1 comes of changes out of our sight. */
static void settle(struct registration *g)
{
	uint64_t was = GET(g->presence), n = was & (COUNTS - 1);
	if (was && (n < COUNT_ZERO || n > COUNT_ZERO + 1))
		swap64(&g->presence, &was, was - n + COUNT_ZERO + (n > COUNT_ZERO));
}

void interest_begun(struct change *change, int epfd, int fd)
{
	struct fd_record *r = fd_find(fd);
	uint16_t instance = interest_instance(epfd, false);
	change->record = r;
	change->instance = instance;
	change->fired = false;
	struct registration *g = r ? fd_registration(r) : NULL;
	if (unlikely(instance && (!g || interest_instance_in(GET(g->presence)) != instance)))
		g = interest_slot_made(instance, fd);
	change->registration = instance ? g : NULL;
	if (unlikely(!change->registration))
		return;
	change->state = r ? atomic_load_explicit(&r->state, memory_order_acquire) : 0;
	change->unknown = GET(eventdata_unknown[instance]);
	change->ticket = add32(&g->changes, 1u << 12 | 1) + (1u << 12 | 1);
	if (alone(change, change->ticket))
		settle(g);
	/* Cleared now, not when the change is done: the event of what it arms may be noted sooner.
	 */
	change->fired = GET(g->disarmed);
	if (change->fired)
		PUT(g->disarmed, 0);
}

/* Whether fd still is what it was: if it was closed and made anew meanwhile, nobody can tell which
 * of the two the kernel took. */
static bool same_file(const struct change *change, const struct fd_record *r)
{
	uint32_t state = change->state & 3;
	return r && (fd_generation(r) == change->state >> 2 ||
			    (state != FD_OPEN && state != FD_CLOSING));
}

static void count(const struct change *change, const struct fd_record *r, int by)
{
	struct registration *g = change->registration;
	uint64_t owner = interest_owner(change->instance, fd_generation(r));
	uint64_t was = atomic_load(&g->presence), now;
	do {
		if (!same_file(change, r))
			return;
		bool same = was >> COUNT_BITS == owner >> COUNT_BITS;
		now = owner | ((same ? was & (COUNTS - 1) : COUNT_ZERO) + (uint64_t)by);
	} while (!swap64(&g->presence, &was, now));
}

/* The kernel's answer says whether it is there: that counts if no other change explains it. */
static bool corrected(const struct change *change, const struct fd_record *r, bool there)
{
	struct registration *g = change->registration;
	uint64_t owner = interest_owner(change->instance, fd_generation(r));
	uint64_t was = atomic_load(&g->presence);
	return interest_present(was, owner) != there && alone(change, atomic_load(&g->changes)) &&
	       swap64(&g->presence, &was, owner | (uint64_t)(COUNT_ZERO + there));
}

void interest_registered(struct fd_record *r, uint16_t instance, struct registration *g)
{
	if (GET(r->kind) == FD_EPOLL) /* its `instance` is itself: nobody knows where it is */
		atomic_fetch_or(&r->flags, FD_REGISTERED | FD_REGISTERED2);
	if (GET(r->kind) == FD_EPOLL || GET(r->registration) == g)
		return;
	bool first = !(atomic_fetch_or(&r->flags, FD_REGISTERED) & FD_REGISTERED);
	if (atomic_exchange(&r->instance, instance) != instance && !first)
		atomic_fetch_or(&r->flags, FD_REGISTERED2);
	atomic_store_explicit(&r->registration, g, memory_order_release);
}

static void remember(struct registration *g, const struct call *c, const struct wanted *wanted)
{
	uint16_t site = site_with_caller(c->site, c->frame);
	PUT(g->events, wanted->events);
	PUT(g->data, wanted->data);
	if (c->op == EPOLL_CTL_ADD)
		PUT(g->add_site, site);
	PUT(g->mod_site, c->op == EPOLL_CTL_ADD ? 0 : site);
}

enum { CYCLES = 2 }; /* of firing and arming no thread is late by, between a wait and its note */

/* Another thread may note an event later than the kernel delivered it: one of the registration
 * before this change would then pass for one of the new. Or a first one of a new one-shot was taken
 * for one of a registration that was none: that is the result. */
static bool late(const struct change *change, uint64_t owner, const struct wanted *wanted)
{
	struct registration *g = change->registration;
	uint64_t presence = GET(g->presence);
	uint8_t rearmed = change->fired ? GET(g->rearmed) : CYCLES + 1;
	bool used = presence >> OF_INSTANCE == owner >> OF_INSTANCE;
	PUT(g->rearmed, used && rearmed ? rearmed - 1 : 0);
	return interest_present(presence, owner) &&
	       (wanted->events & ~GET(g->events) & EPOLLONESHOT);
}

static void accepted(const struct change *change, struct fd_record *r, const struct call *c,
	const struct wanted *wanted)
{
	struct registration *g = change->registration;
	uint64_t owner = interest_owner(change->instance, fd_generation(r));
	bool here = interest_present(GET(g->presence), owner);
	bool known = here && !GET(g->uncertain) && GET(g->data) == wanted->data;
	bool unsure = !ONE_THREAD && late(change, owner, wanted);
	PUT(g->uncertain, unsure || !alone(change, GET(g->changes)));
	if (!known)
		PUT(g->ambiguous, 0);
	remember(g, c, wanted);
	if (c->op == EPOLL_CTL_ADD)
		count(change, r, 1);
	else if (unlikely(!here))
		corrected(change, r, true);
	if (unlikely(GET(r->registration) != g))
		interest_registered(r, change->instance, g);
	if (!known) /* it looks for the registration, therefore last */
		eventdata_note(change->instance, c->fd, wanted->data);
}

/* The kernel's refusal tells what is registered, too. */
static void refused(const struct change *change, const struct call *c)
{
	struct registration *g = change->registration;
	struct fd_record *r = c->error == EEXIST ? fd_seen(c->fd) : fd_find(c->fd);
	if (change->fired)
		PUT(g->disarmed, 1);
	if (c->error == ENOENT && same_file(change, r))
		corrected(change, r, false);
	if (c->error == EEXIST && same_file(change, r) && corrected(change, r, true)) {
		PUT(g->uncertain, 1);
		interest_registered(r, change->instance, g);
	}
}

static void done(const struct change *change, const struct call *c, const struct wanted *wanted)
{
	struct fd_record *r = change->record;
	if (unlikely(c->result != 0)) {
		refused(change, c);
		return;
	}
	if (unlikely(!r || !fd_alive(r)))
		r = fd_seen(c->fd);
	if (unlikely(!same_file(change, r)))
		return;
	if (c->op != EPOLL_CTL_DEL) {
		accepted(change, r, c, wanted);
	} else {
		count(change, r, -1);
		if (change->fired) /* still: nothing of it is on its way to another thread */
			PUT(change->registration->disarmed, 1);
	}
}

void interest_done(struct change *change, const struct call *c, const struct wanted *wanted)
{
	if (unlikely(!change->registration && c->result == 0)) {
		/* An instance whose birth nobody saw: the kernel took epfd for one. */
		interest_instance(c->epfd, true);
		interest_begun(change, c->epfd, c->fd);
	}
	struct registration *g = change->registration;
	if (!g)
		return;
	done(change, c, wanted);
	bool was_alone = alone(change, add32(&g->changes, ~0u));
	/* Events nobody knew since may have been this one-shot's, fired before it was noted. */
	bool missed = (wanted->events & EPOLLONESHOT) &&
		      atomic_load(&eventdata_unknown[change->instance]) != change->unknown;
	if (c->result == 0 && c->op != EPOLL_CTL_DEL && (!was_alone || missed))
		PUT(g->uncertain, 1);
}

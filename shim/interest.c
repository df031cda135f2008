/* What epoll_ctl(2) changes in an interest list, as its answers tell. */
#include "interest.h"

#include "stack.h"
#include "swap.h"

static uint64_t owner_of(uint16_t instance, int fd)
{
	struct fd_record *r = fd_find(fd);
	return interest_owner(instance, r ? fd_generation(r) : 0);
}

bool interest_was_registered(uint16_t instance, int fd)
{
	struct registration *g = interest_slot(instance, fd);
	struct fd_record *r = fd_find(fd);
	uint64_t presence = g ? GET(g->presence) : 0;
	return r && (presence & ((1 << COUNT_BITS) - 1)) > COUNT_ZERO &&
	       presence >> (COUNT_BITS + 30) == (GET(interest_instances[instance]) & 0xfffff) &&
	       (presence >> COUNT_BITS & 0x3fffffff) < (fd_generation(r) & 0x3fffffff);
}

struct change interest_begun(int epfd, int fd)
{
	struct change change = {.instance = interest_instance(epfd, false)};
	struct fd_record *r = fd_find(fd);
	change.registration = r && change.instance && GET(r->instance) == change.instance
				      ? GET(r->registration)
				      : NULL;
	if (unlikely(!change.registration))
		change.registration = interest_slot_made(change.instance, fd);
	if (change.registration)
		change.ticket = add32(&change.registration->changes, 1u << 12 | 1) + (1u << 12 | 1);
	return change;
}

/* by: +1 for an ADD, -1 for a DEL. exactly: no other thread was at it, so the value is known. */
static void count(struct registration *g, uint64_t owner, int by, bool exactly)
{
	uint64_t was = atomic_load(&g->presence), now;
	do {
		int64_t n = (int64_t)(was & ((1 << COUNT_BITS) - 1)) - COUNT_ZERO;
		bool same = (was >> COUNT_BITS) == (owner >> COUNT_BITS);
		n = exactly ? by > 0 : (same ? n : 0) + by;
		now = owner | (uint64_t)(n + COUNT_ZERO);
	} while (!swap64(&g->presence, &was, now));
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
	PUT(r->registration, g);
}

static void remember(struct registration *g, const struct call *c, const struct epoll_event *event)
{
	PUT(g->events, event->events);
	PUT(g->data, event->data.u64);
	PUT(g->disarmed, 0);
	PUT(g->ambiguous, 0);
	uint16_t site = site_of(c->site);
	if (c->op == EPOLL_CTL_ADD)
		PUT(g->add_site, site);
	PUT(g->mod_site, c->op == EPOLL_CTL_ADD ? 0 : site);
}

static void succeeded(
	struct change change, const struct call *c, const struct epoll_event *event, bool alone)
{
	struct registration *g = change.registration;
	struct fd_record *r = fd_seen(c->fd);
	uint64_t owner = owner_of(change.instance, c->fd);
	if (c->op == EPOLL_CTL_DEL) {
		count(g, owner, -1, alone);
		return;
	}
	remember(g, c, event);
	PUT(g->uncertain, !alone);
	if (c->op == EPOLL_CTL_ADD || (alone && GET(g->presence) != (owner | (COUNT_ZERO + 1))))
		count(g, owner, 1, alone);
	if (r)
		interest_registered(r, change.instance, g);
	eventdata_note(change.instance, c->fd, event->data.u64); /* which looks for it */
}

/* The kernel's refusal tells what is registered, too. */
static void refused(struct change change, const struct call *c)
{
	struct registration *g = change.registration;
	bool here = interest_of(change.instance, c->fd) != NULL;
	if (c->error == ENOENT && here) {
		count(g, owner_of(change.instance, c->fd), -1, true);
	} else if (c->error == EEXIST && !here) {
		fd_seen(c->fd);
		PUT(g->uncertain, 1);
		count(g, owner_of(change.instance, c->fd), 1, true);
	}
}

void interest_done(struct change change, const struct call *c, const struct epoll_event *event)
{
	if (!change.registration && c->result == 0) {
		/* An instance whose birth nobody saw: the kernel took epfd for one. */
		change.instance = interest_instance(c->epfd, true);
		change.registration = interest_slot_made(change.instance, c->fd);
		if (change.registration)
			succeeded(change, c, event, true);
		return;
	}
	if (!change.registration)
		return;
	uint32_t changes = atomic_load(&change.registration->changes);
	bool alone = changes == change.ticket && (changes & 0xfff) == 1;
	if (c->result == 0)
		succeeded(change, c, event, alone);
	else if (alone)
		refused(change, c);
	add32(&change.registration->changes, ~0u);
}

/* Orphans: registrations whose number was closed while their open file description lives on under
 * another (epoll(7), Questions and answers 6). The kernel keeps them, by description and number. */
#include "interest.h"
#include "process.h"

enum { ORPHANS = 256 };

static struct orphan {
	_Atomic uint64_t owner; /* the instance's generation << 32 | instance << 16 | shared */
	_Atomic uint64_t data;
	_Atomic uint32_t events;
	_Atomic int fd;
	_Atomic uint16_t add_site, mod_site;
	_Atomic uint8_t uncertain, disarmed;
} orphans[ORPHANS];
static _Atomic uint32_t orphans_used;

/* Owners that are none; 1 would be a number of no instance. */
enum { FREE = 0, TAKEN = 1 };

static uint64_t owner_of(uint16_t instance, uint16_t shared)
{
	return (uint64_t)GET(interest_instances[instance]) << 32 | (uint32_t)instance << 16 |
	       shared;
}

static uint16_t instance_of(uint64_t owner)
{
	return (uint16_t)(owner >> 16);
}

static uint64_t owner_at(uint32_t index)
{
	return atomic_load_explicit(&orphans[index].owner, memory_order_acquire);
}

/* An instance takes its orphans with it. */
static bool alive(uint64_t owner)
{
	return owner != FREE && owner != TAKEN &&
	       owner >> 32 == GET(interest_instances[instance_of(owner)]);
}

static struct orphan *orphan_made(void)
{
	for (uint32_t i = 0; i < ORPHANS; i++) {
		uint64_t owner = owner_at(i);
		if (owner == TAKEN || alive(owner) ||
			!atomic_compare_exchange_strong(&orphans[i].owner, &owner, TAKEN))
			continue;
		uint32_t used = GET(orphans_used);
		while (i >= used && !atomic_compare_exchange_weak(&orphans_used, &used, i + 1))
			;
		return &orphans[i];
	}
	process_unwatched(LOST_INSTANCE);
	return NULL;
}

static void orphaned(uint16_t instance, int fd, uint32_t generation, uint16_t shared)
{
	struct registration *g = interest_slot(instance, fd);
	if (!g || !interest_present(GET(g->presence), interest_owner(instance, generation)))
		return;
	struct orphan *o = orphan_made();
	if (!o)
		return;
	PUT(o->fd, fd);
	PUT(o->events, GET(g->events));
	PUT(o->data, GET(g->data));
	PUT(o->add_site, GET(g->add_site));
	PUT(o->mod_site, GET(g->mod_site));
	PUT(o->uncertain, interest_uncertain(g));
	PUT(o->disarmed, GET(g->disarmed));
	atomic_store_explicit(&o->owner, owner_of(instance, shared), memory_order_release);
	/* Its events go on, and the number may be registered with the same datum again. */
	eventdata_shared(instance, GET(g->data));
}

void interest_orphaned(int fd, uint32_t generation, uint16_t shared, uint16_t instance)
{
	if (instance) {
		orphaned(instance, fd, generation, shared);
		return;
	}
	for (uint32_t i = 1; i < GET(interest_instances_used); i++)
		if (GET(interest_instances[i]) & 1)
			orphaned((uint16_t)i, fd, generation, shared);
}

static void regained(const struct orphan *o, uint16_t instance, struct fd_record *r)
{
	struct registration *g = interest_slot(instance, GET(o->fd));
	if (!g)
		return;
	PUT(g->events, GET(o->events));
	PUT(g->data, GET(o->data));
	PUT(g->add_site, GET(o->add_site));
	PUT(g->mod_site, GET(o->mod_site));
	PUT(g->uncertain, GET(o->uncertain));
	PUT(g->disarmed, GET(o->disarmed));
	PUT(g->ambiguous, 0);
	PUT(g->rearmed, 0);
	atomic_store(&g->presence, interest_owner(instance, fd_generation(r)) | (COUNT_ZERO + 1));
	interest_registered(r, instance, g);
	eventdata_note(instance, GET(o->fd), GET(g->data));
}

void interest_regained(int fd, uint16_t shared)
{
	struct fd_record *r = fd_find(fd);
	for (uint32_t i = 0; r && i < GET(orphans_used); i++) {
		uint64_t owner = owner_at(i);
		if (!alive(owner) || (uint16_t)owner != shared || GET(orphans[i].fd) != fd ||
			!atomic_compare_exchange_strong(&orphans[i].owner, &owner, TAKEN))
			continue;
		regained(&orphans[i], instance_of(owner), r);
		PUT(orphans[i].owner, FREE);
	}
}

void interest_share_gone(uint16_t shared)
{
	for (uint32_t i = 0; i < GET(orphans_used); i++) {
		uint64_t owner = owner_at(i);
		if (owner != TAKEN && (uint16_t)owner == shared)
			atomic_compare_exchange_strong(&orphans[i].owner, &owner, FREE);
	}
}

void interest_each_orphan(
	uint16_t instance, void (*visit)(const struct pollcheck_entry *, void *), void *argument)
{
	for (uint32_t i = 0; i < GET(orphans_used); i++) {
		const struct orphan *o = &orphans[i];
		uint64_t owner = owner_at(i);
		if (!alive(owner) || instance_of(owner) != instance)
			continue;
		uint32_t events = GET(o->events);
		bool armed = (events & EPOLLONESHOT) && !GET(o->disarmed);
		struct pollcheck_entry entry = {GET(o->fd),
			interest_shown(events, GET(o->disarmed)), GET(o->data),
			GET(o->uncertain) || armed, true};
		visit(&entry, argument);
	}
}

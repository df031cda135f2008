/* Interest lists: instances, their registrations, and what epoll_ctl(2) changes in them. */
#include "interest.h"

#include "process.h"
#include "stack.h"
#include "swap.h"

/* --- instances --- */

_Atomic uint32_t interest_instances[INSTANCES];
_Atomic uint32_t interest_instances_used = 1;

static uint16_t instance_made(void)
{
	for (uint32_t i = 1; i < INSTANCES; i++) {
		uint32_t generation = GET(interest_instances[i]);
		if ((generation & 1) || !atomic_compare_exchange_strong(&interest_instances[i],
						&generation, generation + 1))
			continue;
		uint32_t used = GET(interest_instances_used);
		while (i >= used &&
			!atomic_compare_exchange_weak(&interest_instances_used, &used, i + 1))
			;
		return (uint16_t)i;
	}
	process_unwatched(LOST_INSTANCE);
	return 0;
}

static _Atomic uint16_t made_at_depth[INSTANCES]; /* of forks, counted in children alone */

bool interest_inherited(uint16_t instance)
{
	return instance && GET(made_at_depth[instance]) < process_depth();
}

void interest_instance_born(int epfd, struct fd_record *r)
{
	(void)epfd;
	if (!r)
		return;
	uint16_t instance = instance_made(), depth = process_depth();
	PUT(made_at_depth[instance], depth);
	PUT(r->instance, instance);
	PUT(r->kind, FD_EPOLL);
}

uint16_t interest_instance(int epfd, bool adopt)
{
	struct fd_record *r = fd_find(epfd);
	if (likely(r && GET(r->kind) == FD_EPOLL && fd_alive(r)))
		return GET(r->instance);
	if (!adopt)
		return 0;
	r = fd_born(epfd, FD_UNKNOWN, 0, NULL);
	interest_instance_born(epfd, r);
	return r ? GET(r->instance) : 0;
}

void interest_instance_gone(uint16_t instance)
{
	if (instance)
		atomic_fetch_add(&interest_instances[instance], 1);
}

/* --- registrations: chunks of 64 numbers of one instance, found by hash --- */

enum { CHUNK = 64, DIRECTORY = 8192, FIRST_CHUNKS = 8, SLAB = 64, SLABS = 256 };
struct chunk {
	struct registration registrations[CHUNK];
};
static struct {
	_Atomic uint32_t key; /* instance << 16 | number / CHUNK, plus 1 */
	struct chunk *_Atomic chunk;
} directory[DIRECTORY];

static struct chunk first_chunks[FIRST_CHUNKS];
static struct chunk *_Atomic slabs[SLABS];
static _Atomic uint32_t chunks_used;

static struct chunk *chunk_made(void)
{
	uint32_t index = atomic_fetch_add(&chunks_used, 1);
	if (index < FIRST_CHUNKS)
		return &first_chunks[index];
	uint32_t which = (index - FIRST_CHUNKS) / SLAB;
	if (which >= SLABS)
		return NULL;
	struct chunk *slab = atomic_load(&slabs[which]), *none = NULL;
	if (!slab) {
		slab = process_memory(SLAB * sizeof(*slab));
		if (!atomic_compare_exchange_strong(&slabs[which], &none, slab))
			slab = none;
	}
	return slab ? &slab[(index - FIRST_CHUNKS) % SLAB] : NULL;
}

static struct chunk *chunk_at(uint32_t index, bool make)
{
	struct chunk *found = atomic_load_explicit(&directory[index].chunk, memory_order_acquire);
	if (found || !make)
		return found;
	struct chunk *made = chunk_made();
	if (made && !atomic_compare_exchange_strong(&directory[index].chunk, &found, made))
		return found;
	return made;
}

static struct chunk *chunk_of(uint16_t instance, int fd, bool make)
{
	uint32_t key = ((uint32_t)instance << 16 | ((unsigned)fd / CHUNK & 0xffff)) + 1;
	uint32_t index = key * 2654435769u >> 19;
	for (uint32_t tries = 0; tries < 32; tries++, index = (index + 1) % DIRECTORY) {
		uint32_t there = atomic_load_explicit(&directory[index].key, memory_order_acquire);
		if (there == 0 && make)
			atomic_compare_exchange_strong(&directory[index].key, &there, key);
		if (there == key || (there == 0 && make))
			return chunk_at(index, make);
		if (there == 0)
			return NULL;
	}
	if (make)
		process_unwatched(LOST_INSTANCE);
	return NULL;
}

static struct registration *registration_at(uint16_t instance, int fd, bool make)
{
	if (!instance || (unsigned)fd >= FD_CHUNK * FD_CHUNKS)
		return NULL;
	struct chunk *chunk = chunk_of(instance, fd, make);
	return chunk ? &chunk->registrations[(unsigned)fd % CHUNK] : NULL;
}

static uint64_t owner_of(uint16_t instance, int fd)
{
	struct fd_record *r = fd_find(fd);
	return interest_owner(instance, r ? fd_generation(r) : 0);
}

struct registration *interest_slot(uint16_t instance, int fd)
{
	return registration_at(instance, fd, false);
}

bool interest_was_registered(uint16_t instance, int fd)
{
	struct registration *g = registration_at(instance, fd, false);
	struct fd_record *r = fd_find(fd);
	uint64_t presence = g ? GET(g->presence) : 0;
	return r && (presence & ((1 << COUNT_BITS) - 1)) > COUNT_ZERO &&
	       presence >> (COUNT_BITS + 30) == (GET(interest_instances[instance]) & 0xfffff) &&
	       (presence >> COUNT_BITS & 0x3fffffff) < (fd_generation(r) & 0x3fffffff);
}

/* --- changes --- */

struct change interest_begun(int epfd, int fd)
{
	struct change change = {.instance = interest_instance(epfd, false)};
	struct fd_record *r = fd_find(fd);
	change.registration = r && change.instance && GET(r->instance) == change.instance
				      ? GET(r->registration)
				      : NULL;
	if (unlikely(!change.registration))
		change.registration = registration_at(change.instance, fd, true);
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
		change.registration = registration_at(change.instance, c->fd, true);
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

/* --- reading it all --- */

static void each_of_chunk(uint16_t instance, uint32_t index,
	void (*visit)(const struct pollcheck_entry *, void *), void *argument)
{
	for (int i = 0; i < CHUNK; i++) {
		int fd = (int)((GET(directory[index].key) - 1) & 0xffff) * CHUNK + i;
		struct registration *g = interest_of(instance, fd);
		if (!g)
			continue;
		bool armed = (GET(g->events) & EPOLLONESHOT) && !GET(g->disarmed);
		struct pollcheck_entry entry = {fd,
			interest_shown(GET(g->events), GET(g->disarmed)), GET(g->data),
			GET(g->uncertain) || (armed && GET(g->ambiguous)), false};
		visit(&entry, argument);
	}
}

void interest_each(
	uint16_t instance, void (*visit)(const struct pollcheck_entry *, void *), void *argument)
{
	for (uint32_t i = 0; i < DIRECTORY; i++)
		if (GET(directory[i].key) && (GET(directory[i].key) - 1) >> 16 == instance &&
			directory[i].chunk)
			each_of_chunk(instance, i, visit, argument);
	interest_each_orphan(instance, visit, argument);
}

/* Epoll instances, and where their registrations are. */
#include "interest.h"

#include "process.h"

#include <limits.h>

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
	if (!r)
		return;
	uint16_t instance = instance_made(), depth = process_depth();
	PUT(made_at_depth[instance], depth);
	PUT(r->instance, instance);
	PUT(r->kind, FD_EPOLL);
	if (GET(r->flags) & FD_REGISTERED)
		fd_flag(epfd, FD_REGISTERED2, true);
}

/* Whoever received or inherited it may have registered and duplicated it already. */
uint16_t interest_instance_adopted(int epfd)
{
	struct fd_record *r = fd_seen(epfd);
	if (r && GET(r->kind) != FD_UNKNOWN) /* something else, closed out of our sight */
		r = fd_born(epfd, FD_UNKNOWN, 0, NULL);
	if (!r)
		return 0;
	interest_instance_born(epfd, r);
	for (int fd = GET(r->shared) ? 0 : INT_MAX; fd <= fd_highest(); fd++) {
		struct fd_record *other = fd_find(fd);
		if (!other || !fd_alive(other) || !fd_same_description(r, other))
			continue;
		PUT(other->instance, GET(r->instance));
		PUT(other->kind, FD_EPOLL);
		if (GET(other->flags) & FD_REGISTERED)
			fd_flag(fd, FD_REGISTERED2, true);
	}
	return GET(r->instance);
}

void interest_instance_gone(uint16_t instance)
{
	if (instance)
		atomic_fetch_add(&interest_instances[instance], 1);
}

/* --- registrations: chunks of 16 numbers of one instance, found by hash --- */

enum { CHUNK = 16, FIRST_CHUNKS = 32, SLAB = 256, SLABS = 4096, LEVELS = 3, TRIES = 32 };
struct chunk {
	struct registration registrations[CHUNK];
};

/* Where the chunks are: a full level of the directory is followed by one 16 times its size. */
struct place {
	_Atomic uint32_t key; /* instance << 16 | number / CHUNK, plus 1; never given up */
	struct chunk *_Atomic chunk;
};
static const uint32_t level_bits[LEVELS] = {13, 17, 21};
static struct place first_level[1 << 13];
static struct place *_Atomic levels[LEVELS] = {first_level};

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

static struct chunk *chunk_at(struct place *place, bool make)
{
	struct chunk *found = atomic_load_explicit(&place->chunk, memory_order_acquire);
	if (found || !make)
		return found;
	struct chunk *made = chunk_made();
	if (made && !atomic_compare_exchange_strong(&place->chunk, &found, made))
		return found;
	return made;
}

static struct place *level_at(uint32_t which, bool make)
{
	struct place *level = atomic_load_explicit(&levels[which], memory_order_acquire),
		     *none = NULL;
	if (level || !make)
		return level;
	level = process_memory(sizeof(struct place) << level_bits[which]);
	return atomic_compare_exchange_strong(&levels[which], &none, level) ? level : none;
}

enum found { HERE, NOWHERE, FURTHER };

/* An empty place ends the search on all levels: nobody who came by left it empty. */
static enum found searched(
	struct place *level, uint32_t bits, uint32_t key, bool make, struct place **place)
{
	uint32_t index = key * 2654435769u >> (32 - bits);
	for (uint32_t tries = 0; tries < TRIES; tries++, index = (index + 1) % (1u << bits)) {
		*place = &level[index];
		uint32_t there = atomic_load_explicit(&level[index].key, memory_order_acquire);
		if (there == key)
			return HERE;
		if (there == 0 && !make)
			return NOWHERE;
		if (there == 0 && (atomic_compare_exchange_strong(&level[index].key, &there, key) ||
					  there == key))
			return HERE;
	}
	return FURTHER;
}

static struct chunk *chunk_of(uint16_t instance, int fd, bool make)
{
	uint32_t key = ((uint32_t)instance << 16 | ((unsigned)fd / CHUNK & 0xffff)) + 1;
	for (uint32_t i = 0; i < LEVELS; i++) {
		struct place *place, *level = level_at(i, make);
		enum found found =
			level ? searched(level, level_bits[i], key, make, &place) : NOWHERE;
		if (found != FURTHER)
			return found == HERE ? chunk_at(place, make) : NULL;
	}
	if (make)
		process_unwatched(LOST_INSTANCE);
	return NULL;
}

static struct registration *slot(uint16_t instance, int fd, bool make)
{
	if (!instance || (unsigned)fd >= FD_CHUNK * FD_CHUNKS)
		return NULL;
	struct chunk *chunk = chunk_of(instance, fd, make);
	return chunk ? &chunk->registrations[(unsigned)fd % CHUNK] : NULL;
}

struct registration *interest_slot(uint16_t instance, int fd)
{
	return slot(instance, fd, false);
}

struct registration *interest_slot_made(uint16_t instance, int fd)
{
	return slot(instance, fd, true);
}

/* --- reading it all --- */

static void each_of_chunk(uint16_t instance, uint32_t key,
	void (*visit)(const struct pollcheck_entry *, void *), void *argument)
{
	for (int i = 0; i < CHUNK; i++) {
		int fd = (int)((key - 1) & 0xffff) * CHUNK + i;
		struct registration *g = interest_of(instance, fd);
		if (!g)
			continue;
		struct pollcheck_entry entry = {fd,
			interest_shown(GET(g->events), GET(g->disarmed)), GET(g->data),
			interest_uncertain(g), false};
		visit(&entry, argument);
	}
}

void interest_each(
	uint16_t instance, void (*visit)(const struct pollcheck_entry *, void *), void *argument)
{
	for (uint32_t i = 0; i < LEVELS; i++) {
		struct place *level = level_at(i, false);
		for (uint32_t j = 0; level && j < 1u << level_bits[i]; j++) {
			uint32_t key = GET(level[j].key);
			if (key && (key - 1) >> 16 == instance)
				each_of_chunk(instance, key, visit, argument);
		}
	}
	interest_each_orphan(instance, visit, argument);
}

static void pollable_seen(const struct pollcheck_entry *entry, void *pollable)
{
	struct fd_record *r = fd_find(entry->fd);
	enum fd_kind kind = r ? GET(r->kind) : FD_UNKNOWN;
	if (kind == FD_UNKNOWN)
		kind = fd_kind(entry->fd);
	if (entry->orphan || kind == FD_UNKNOWN || !fd_kind_visible(kind))
		*(bool *)pollable = false;
}

bool interest_pollable(uint16_t instance)
{
	bool pollable = true;
	interest_each(instance, pollable_seen, &pollable);
	return pollable;
}

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
static uint16_t adopted(int epfd)
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

uint16_t interest_instance(int epfd, bool adopt)
{
	struct fd_record *r = fd_find(epfd);
	if (likely(r && GET(r->kind) == FD_EPOLL && fd_alive(r)))
		return GET(r->instance);
	return adopt ? adopted(epfd) : 0;
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

static void each_of_chunk(uint16_t instance, uint32_t index,
	void (*visit)(const struct pollcheck_entry *, void *), void *argument)
{
	for (int i = 0; i < CHUNK; i++) {
		int fd = (int)((GET(directory[index].key) - 1) & 0xffff) * CHUNK + i;
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
	for (uint32_t i = 0; i < DIRECTORY; i++)
		if (GET(directory[i].key) && (GET(directory[i].key) - 1) >> 16 == instance &&
			directory[i].chunk)
			each_of_chunk(instance, i, visit, argument);
	interest_each_orphan(instance, visit, argument);
}

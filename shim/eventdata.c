/* From the datum a wait returns to the number it was registered with. Only data that is not simply
 * the number has an entry. Entries are never removed: one whose registration has another datum by
 * now, or none, is dead and taken over. A datum used for several numbers is ambiguous, and
 * nobody's. */
#include "interest.h"
#include "process.h"

enum { WAYS = 8, LEVELS = 4 };
static const uint32_t level_buckets[LEVELS] = {64, 1024, 16384, 131072};
static _Atomic uint64_t level0[64 * WAYS], level1[1024 * WAYS];
static _Atomic uint64_t *_Atomic levels[LEVELS] = {level0, level1};
static _Atomic uint32_t levels_used = 1;

/* An entry: 1, ambiguous, tag (28 bits), instance (12), number (20). */
enum { FD_BITS = 20, INSTANCE_BITS = 12, TAG_SHIFT = FD_BITS + INSTANCE_BITS };
#define AMBIGUOUS ((uint64_t)1 << 62)
#define PRESENT   ((uint64_t)1 << 63)

static uint64_t hash_of(uint16_t instance, uint64_t data)
{
	uint64_t h = (data ^ (uint64_t)instance << 48) * 0x9e3779b97f4a7c15u;
	return h ^ h >> 29;
}

static uint64_t entry_of(uint16_t instance, int fd, uint64_t hash)
{
	return PRESENT | (hash >> 36) << TAG_SHIFT | (uint64_t)instance << FD_BITS | (unsigned)fd;
}

static uint64_t key_of(uint64_t entry)
{
	return entry & ~(AMBIGUOUS | ((1u << FD_BITS) - 1));
}

static bool live(uint16_t instance, uint64_t entry, uint64_t data)
{
	struct registration *g = interest_of(instance, (int)(entry & ((1u << FD_BITS) - 1)));
	return g && GET(g->data) == data;
}

static _Atomic uint64_t *bucket_of(uint32_t level, uint64_t hash)
{
	_Atomic uint64_t *entries = atomic_load_explicit(&levels[level], memory_order_acquire);
	return entries ? entries + (hash & (level_buckets[level] - 1)) * WAYS : NULL;
}

static _Atomic uint64_t *found(uint16_t instance, uint64_t data, uint64_t hash)
{
	uint64_t key = key_of(entry_of(instance, 0, hash));
	for (uint32_t level = 0; level < GET(levels_used); level++) {
		_Atomic uint64_t *bucket = bucket_of(level, hash);
		for (int i = 0; bucket && i < WAYS; i++)
			if (key_of(GET(bucket[i])) == key && live(instance, GET(bucket[i]), data))
				return &bucket[i];
	}
	return NULL;
}

int eventdata_fd(uint16_t instance, uint64_t data)
{
	_Atomic uint64_t *entry = found(instance, data, hash_of(instance, data));
	uint64_t value = entry ? GET(*entry) : AMBIGUOUS;
	return value & AMBIGUOUS ? -1 : (int)(value & ((1u << FD_BITS) - 1));
}

/* An entry is dead when its registration is gone or has a datum of another hash. */
static bool dead(uint64_t entry)
{
	uint16_t instance = entry >> FD_BITS & ((1u << INSTANCE_BITS) - 1);
	struct registration *g = interest_of(instance, (int)(entry & ((1u << FD_BITS) - 1)));
	return !g ||
	       key_of(entry_of(instance, 0, hash_of(instance, GET(g->data)))) != key_of(entry);
}

static bool noted_in(uint32_t level, uint64_t entry, uint64_t hash)
{
	if (level >= 2 && !GET(levels[level])) {
		void *made = process_memory(level_buckets[level] * WAYS * sizeof(uint64_t));
		_Atomic uint64_t *none = NULL;
		atomic_compare_exchange_strong(&levels[level], &none, made);
	}
	_Atomic uint64_t *bucket = bucket_of(level, hash);
	for (int i = 0; bucket && i < WAYS; i++) {
		uint64_t there = GET(bucket[i]);
		if ((there == 0 || dead(there)) &&
			atomic_compare_exchange_strong(&bucket[i], &there, entry))
			return true;
	}
	return false;
}

void eventdata_note(uint16_t instance, int fd, uint64_t data)
{
	if (data == (uint64_t)(unsigned)fd)
		return;
	uint64_t hash = hash_of(instance, data);
	_Atomic uint64_t *known = found(instance, data, hash);
	if (known) {
		if ((int)(GET(*known) & ((1u << FD_BITS) - 1)) != fd)
			atomic_fetch_or(known, AMBIGUOUS);
		return;
	}
	for (uint32_t level = 0; level < LEVELS; level++)
		if (noted_in(level, entry_of(instance, fd, hash), hash)) {
			if (level >= GET(levels_used))
				PUT(levels_used, level + 1);
			return;
		}
}

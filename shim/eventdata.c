/* From the datum a wait returns to the number it was registered with. Only data whose lower half is
 * not the number has an entry. Entries are never removed: one whose registration has another datum
 * by now, or none, is dead and taken over. A datum that ever was several registrations' is
 * ambiguous, and nobody's, as long as the instance lives: which of them are left cannot be told. */
#include "interest.h"
#include "process.h"

enum { WAYS = 8, LEVELS = 4 };
static const uint32_t level_buckets[LEVELS] = {64, 1024, 16384, 131072};
static _Atomic uint64_t level0[64 * WAYS], level1[1024 * WAYS];
static _Atomic uint64_t *_Atomic levels[LEVELS] = {level0, level1};
static _Atomic uint32_t levels_used = 1;

/* The generation of the instance last seen to have entries: most have none, and are not searched.
 */
static _Atomic uint32_t searched[INSTANCES];

/* An entry: 1, ambiguous, life (2 bits), tag (28), instance (12), number (20). An ambiguous one has
 * the instance's generation for a number. A dead one that is live again begins another life: who
 * was about to take its place must not. */
enum { FD_BITS = 20, INSTANCE_BITS = 12, TAG_SHIFT = FD_BITS + INSTANCE_BITS };
#define AMBIGUOUS ((uint64_t)1 << 62)
#define PRESENT   ((uint64_t)1 << 63)
#define LIFE      ((uint64_t)1 << 60)
#define LIVES     ((uint64_t)3 << 60)

static uint64_t hash_of(uint16_t instance, uint64_t data)
{
	uint64_t h = (data ^ (uint64_t)instance << 48) * 0x9e3779b97f4a7c15u;
	return h ^ h >> 29;
}

static uint32_t number_in(uint64_t entry)
{
	return (uint32_t)entry & ((1u << FD_BITS) - 1);
}

static uint64_t entry_of(uint16_t instance, uint32_t number, uint64_t hash)
{
	return PRESENT | (hash >> 36) << TAG_SHIFT | (uint64_t)instance << FD_BITS | number;
}

static uint64_t key_of(uint64_t entry)
{
	return entry & ~(AMBIGUOUS | LIVES | ((1u << FD_BITS) - 1));
}

static uint64_t ambiguous_entry(uint16_t instance, uint64_t hash)
{
	uint32_t generation = GET(interest_instances[instance]);
	return entry_of(instance, number_in(generation), hash) | AMBIGUOUS;
}

static bool live(uint16_t instance, uint64_t entry, uint64_t data)
{
	if (entry & AMBIGUOUS)
		return number_in(entry) == number_in(GET(interest_instances[instance]));
	struct registration *g = interest_of(instance, (int)number_in(entry));
	return g && GET(g->data) == data;
}

static _Atomic uint64_t *bucket_of(uint32_t level, uint64_t hash)
{
	_Atomic uint64_t *entries = atomic_load_explicit(&levels[level], memory_order_acquire);
	return entries ? entries + (hash & (level_buckets[level] - 1)) * WAYS : NULL;
}

static bool lives_on(_Atomic uint64_t *place, uint64_t entry)
{
	uint64_t life = (entry + LIFE) & LIVES;
	return atomic_compare_exchange_strong(place, &entry, (entry & ~LIVES) | life);
}

static void mark(uint16_t instance, int fd, uint64_t data)
{
	struct registration *g = interest_of(instance, fd);
	if (g && GET(g->data) == data)
		PUT(g->ambiguous, 1);
}

/* Who has a datum, by the live entries. */
struct holders {
	bool ambiguous, own; /* own: fd */
	int others, other;   /* how many others, and the last of them */
};

static void met(struct holders *h, _Atomic uint64_t *place, uint64_t entry, int fd)
{
	if (entry & AMBIGUOUS) {
		h->ambiguous = true;
	} else if ((int)number_in(entry) == fd) {
		h->own = h->own || lives_on(place, entry);
	} else {
		h->others++;
		h->other = (int)number_in(entry);
	}
}

static struct holders holders_of(
	uint16_t instance, uint64_t data, uint64_t hash, int fd, bool marked)
{
	uint64_t key = key_of(entry_of(instance, 0, hash));
	struct holders h = {.other = -1};
	for (uint32_t level = 0; level < GET(levels_used); level++) {
		_Atomic uint64_t *bucket = bucket_of(level, hash);
		for (int i = 0; bucket && i < WAYS; i++) {
			uint64_t entry = GET(bucket[i]);
			if (key_of(entry) != key || !live(instance, entry, data))
				continue;
			met(&h, &bucket[i], entry, fd);
			if (marked && !(entry & AMBIGUOUS))
				mark(instance, (int)number_in(entry), data);
		}
	}
	return h;
}

enum { UNKNOWN = -1, SEVERAL = -2 };

/* The first live entry is enough: those who share a datum know it. */
static struct registration *in_bucket(
	_Atomic uint64_t *bucket, uint16_t instance, uint64_t data, uint64_t key, int *fd)
{
	for (int i = 0; i < WAYS; i++) {
		uint64_t entry = GET(bucket[i]);
		if (likely(key_of(entry) != key) || !live(instance, entry, data))
			continue;
		*fd = entry & AMBIGUOUS ? SEVERAL : (int)number_in(entry);
		struct registration *g = *fd < 0 ? NULL : interest_of(instance, *fd);
		if (g && !GET(g->ambiguous))
			return g;
		*fd = SEVERAL;
		return NULL;
	}
	return NULL;
}

static struct registration *sought(uint16_t instance, uint64_t data, int *fd)
{
	uint64_t hash = hash_of(instance, data), key = key_of(entry_of(instance, 0, hash));
	struct registration *g = interest_of(instance, (int32_t)data);
	*fd = (int32_t)data;
	if (g && GET(g->data) == data && !GET(g->ambiguous))
		return g;
	*fd = g && GET(g->data) == data ? SEVERAL : UNKNOWN;
	for (uint32_t level = 0; *fd == UNKNOWN && level < GET(levels_used); level++) {
		_Atomic uint64_t *bucket = bucket_of(level, hash);
		g = bucket ? in_bucket(bucket, instance, data, key, fd) : NULL;
	}
	return *fd < 0 ? NULL : g;
}

_Atomic uint32_t eventdata_unknown[INSTANCES];

struct registration *eventdata_sought(uint16_t instance, uint64_t data, int *fd)
{
	struct registration *g = sought(instance, data, fd);
	if (likely(*fd != UNKNOWN))
		return g;
	/* Either it is found now, or who notes it sees the count: load after store, on every
	 * processor, is what the second access is for. */
	atomic_fetch_add(&eventdata_unknown[instance], 1);
	(void)atomic_load(&eventdata_unknown[instance]);
	return sought(instance, data, fd);
}

/* An entry is dead when its registration is gone or has a datum of another hash. */
static bool dead(uint64_t entry)
{
	uint16_t instance = entry >> FD_BITS & ((1u << INSTANCE_BITS) - 1);
	if (entry & AMBIGUOUS)
		return !live(instance, entry, 0);
	struct registration *g = interest_of(instance, (int)number_in(entry));
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

static void note(uint16_t instance, uint64_t entry, uint64_t hash)
{
	PUT(searched[instance], GET(interest_instances[instance]));
	for (uint32_t level = 0; level < LEVELS; level++)
		if (noted_in(level, entry, hash)) {
			uint32_t used = GET(levels_used);
			while (level >= used &&
				!atomic_compare_exchange_weak(&levels_used, &used, level + 1))
				;
			return;
		}
}

void eventdata_shared(uint16_t instance, uint64_t data)
{
	uint64_t hash = hash_of(instance, data);
	mark(instance, (int32_t)data, data);
	if (!holders_of(instance, data, hash, -1, true).ambiguous)
		note(instance, ambiguous_entry(instance, hash), hash);
}

/* Whether another registration than fd's has the datum, or had it while a third one did. */
static bool others_have(uint16_t instance, int fd, uint64_t data, uint64_t hash, bool *own)
{
	struct registration *home = interest_of(instance, (int32_t)data);
	struct holders h = holders_of(instance, data, hash, fd, false);
	*own = *own || h.own;
	return h.ambiguous || h.others || (home && (int32_t)data != fd && GET(home->data) == data);
}

void eventdata_note(uint16_t instance, int fd, uint64_t data)
{
	bool own = (int32_t)data == fd; /* which needs no entry */
	if (own && GET(searched[instance]) != GET(interest_instances[instance]))
		return;
	uint64_t hash = hash_of(instance, data);
	bool ambiguous = others_have(instance, fd, data, hash, &own);
	if (!ambiguous && !own) {
		note(instance, entry_of(instance, (unsigned)fd, hash), hash);
		/* Another thread may have noted the same for another number just now. */
		ambiguous = others_have(instance, fd, data, hash, &own);
	}
	if (!ambiguous)
		return;
	eventdata_shared(instance, data);
	mark(instance, fd, data);
}

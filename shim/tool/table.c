/* Open addressing; nothing is ever taken out. */
#include "table.h"

#include "refuse.h"

#include <string.h>

enum { LEAST = 64 };

void *new_memory(size_t size)
{
	void *memory = calloc(1, size);
	if (!memory)
		refuse(FAILED, "out of memory");
	return memory;
}

static size_t hash(const void *process, int64_t number)
{
	uint64_t mixed = ((uint64_t)(uintptr_t)process ^ (uint64_t)number * 0x9e3779b97f4a7c15ull) *
			 0xd6e8feb86659fd93ull;
	return (size_t)(mixed >> 32);
}

static void grow(struct table *t)
{
	struct table larger = {.size = t->size ? 2 * t->size : LEAST};
	larger.slots = new_memory(larger.size * sizeof(*larger.slots));
	for (size_t i = 0; i < t->size; i++)
		if (t->slots[i].process)
			*table_at(&larger, t->slots[i].process, t->slots[i].number) =
				t->slots[i].value;
	free(t->slots);
	*t = larger;
}

void **table_at(struct table *t, const void *process, int64_t number)
{
	if (2 * t->used >= t->size)
		grow(t);
	size_t i = hash(process, number) & (t->size - 1);
	while (t->slots[i].process &&
		!(t->slots[i].process == process && t->slots[i].number == number))
		i = (i + 1) & (t->size - 1);
	if (!t->slots[i].process) {
		t->slots[i].process = process;
		t->slots[i].number = number;
		t->used++;
	}
	return &t->slots[i].value;
}

/* An allocator of the program's own: from main on, the calls allocate nothing, and nobody else
 * does. */
#include "use.h"

#include <malloc.h>

static char arena[1 << 20];
static size_t taken;
static volatile int allocations;

/* Only ever grows; enough for what the C library wants at its start. */
void *malloc(size_t size)
{
	size_t start = (taken + 15) & ~(size_t)15;
	allocations++;
	if (start + size > sizeof arena)
		return NULL;
	taken = start + size;
	return arena + start;
}

void free(void *memory)
{
	(void)memory;
}

void *calloc(size_t number, size_t size)
{
	return malloc(number * size); /* never reused, so still zero */
}

void *realloc(void *memory, size_t size)
{
	void *copy = malloc(size);
	if (copy && memory)
		memmove(copy, memory,
			(size_t)(arena + sizeof arena - (char *)memory) < size ? 0 : size);
	return copy;
}

int main(void)
{
	int before = allocations;
	for (int i = 0; i < 1000; i++)
		must(used(), "use");
	int by_use = allocations - before;
	must(misused(), "misuse");
	int by_misuse = allocations - before - by_use;
	dprintf(1, "allocations by use %d, by misuse %d\n", by_use, by_misuse);
	return 0;
}

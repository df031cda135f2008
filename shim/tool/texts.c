/* A loop says the same again and again: few lines are new. */
#include "texts.h"

#include "line.h"
#include "table.h"

#include <string.h>

enum { TEXTS_MAX = 16384, SHOWN_ENTRIES = 4 };

static char *kept[TEXTS_MAX] = {""};
static uint32_t used = 1;

static int64_t hash(const char *text)
{
	uint64_t h = 0xcbf29ce484222325ull; /* FNV-1a */
	for (; *text; text++)
		h = (h ^ (unsigned char)*text) * 0x100000001b3ull;
	return (int64_t)h;
}

uint32_t text_of_call(const struct trace_event *e)
{
	static struct table by_hash;
	static char line[512];
	struct text t = TEXT_IN(line);
	line_call(&t, e, SHOWN_ENTRIES);
	if (used == TEXTS_MAX)
		return 0;
	void **place = table_at(&by_hash, &by_hash, hash(line));
	if (!*place) {
		kept[used] = new_memory(strlen(line) + 1);
		strcpy(kept[used], line);
		*place = (void *)(uintptr_t)used++;
	}
	return (uint32_t)(uintptr_t)*place;
}

const char *text_at(uint32_t text)
{
	return kept[text];
}

uint32_t texts(void)
{
	return used;
}

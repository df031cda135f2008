/* Edit distance (insert, delete, replace) by the usual table of which only one row is kept. */
#include "nearest.h"

#include <limits.h>
#include <string.h>

enum { LONGEST_WORD = 63 };

static unsigned smallest(unsigned a, unsigned b, unsigned c)
{
	unsigned least = a < b ? a : b;
	return least < c ? least : c;
}

static unsigned distance(const char *from, const char *to)
{
	unsigned row[LONGEST_WORD + 1];
	size_t width = strnlen(to, LONGEST_WORD), height = strnlen(from, LONGEST_WORD);
	for (size_t x = 0; x <= width; x++)
		row[x] = (unsigned)x;
	for (size_t y = 1; y <= height; y++) {
		unsigned diagonal = row[0];
		row[0] = (unsigned)y;
		for (size_t x = 1; x <= width; x++) {
			unsigned above = row[x];
			unsigned replaced = diagonal + (from[y - 1] != to[x - 1]);
			row[x] = smallest(row[x - 1] + 1, above + 1, replaced);
			diagonal = above;
		}
	}
	return row[width];
}

const char *nearest(const char *word, size_t count, const char *(*word_at)(size_t))
{
	const char *best = "";
	unsigned least = UINT_MAX;
	for (size_t i = 0; i < count; i++) {
		unsigned edits = distance(word, word_at(i));
		if (edits < least) {
			least = edits;
			best = word_at(i);
		}
	}
	return best;
}

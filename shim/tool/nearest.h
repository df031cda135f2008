/* nearest: the known word that an unknown one was most likely meant to be. */
#ifndef POLLCHECK_NEAREST_H
#define POLLCHECK_NEAREST_H

#include <stddef.h>

/* Of count words, word_at(0) and so on, the one with the fewest edits from word; words beyond
 * LONGEST_WORD characters are compared by their beginning. */
const char *nearest(const char *word, size_t count, const char *(*word_at)(size_t));

#endif

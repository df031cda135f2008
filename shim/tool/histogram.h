/* How often which value came, to an eighth of a power of two. */
#ifndef POLLCHECK_HISTOGRAM_H
#define POLLCHECK_HISTOGRAM_H

#include <stdint.h>

enum { OCTAVES = 49, STEPS = 8 };

struct histogram {
	uint64_t count, sum, most;
	uint64_t of[OCTAVES][STEPS];
};

void histogram_add(struct histogram *, int64_t value);
/* A value that share (0 to 1) of all do not exceed, at most an eighth too high; 0 of none. */
uint64_t histogram_quantile(const struct histogram *, double share);
/* How many have so many bits: 0 in the first, then 1, 2 and 3, 4 to 7, … */
uint64_t histogram_octave(const struct histogram *, int octave);

#endif

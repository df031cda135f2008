/* Counts by the highest bits of the value. */
#include "histogram.h"

/* As many bits as the value has. */
static int octave_of(uint64_t value)
{
	int octave = value ? 64 - __builtin_clzll(value) : 0;
	return octave < OCTAVES ? octave : OCTAVES - 1;
}

static int step_of(uint64_t value, int octave)
{
	if (octave < 4)
		return octave ? (int)((value << (4 - octave)) & (STEPS - 1)) : 0;
	return (int)(value >> (octave - 4) & (STEPS - 1));
}

void histogram_add(struct histogram *h, int64_t value)
{
	uint64_t v = value > 0 ? (uint64_t)value : 0;
	int octave = octave_of(v);
	h->of[octave][step_of(v, octave)]++;
	h->count++;
	h->sum += v;
	if (v > h->most)
		h->most = v;
}

uint64_t histogram_octave(const struct histogram *h, int octave)
{
	uint64_t count = 0;
	for (int step = 0; step < STEPS; step++)
		count += h->of[octave][step];
	return count;
}

static uint64_t end_of(int octave, int step)
{
	return octave ? ((uint64_t)(STEPS + step + 1) << (octave - 1)) / STEPS : 0;
}

uint64_t histogram_quantile(const struct histogram *h, double share)
{
	uint64_t wanted = (uint64_t)(share * (double)h->count + 0.5), seen = 0;
	for (int octave = 0; h->count && octave < OCTAVES; octave++)
		for (int step = 0; step < STEPS; step++) {
			seen += h->of[octave][step];
			if (seen >= wanted && seen) {
				uint64_t end = end_of(octave, step);
				return end < h->most ? end : h->most;
			}
		}
	return h->most;
}

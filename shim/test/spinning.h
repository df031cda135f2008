/* How long the detector of spinning loops wants to see one. */
#ifndef SPINNING_H
#define SPINNING_H

#include <time.h>

static inline double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Lets a loop spin long enough for the detector: a third of a second and 2000 rounds at the least.
 * Some rounds come after that time: it looks at the clock in every 64th, and all may have been made
 * before the processor was taken away. */
static inline int spinning(double since, int round)
{
	static int least;
	if (round == 0 || now() - since < 0.3)
		least = round + 256;
	return round < 2000 || round < least;
}

#endif

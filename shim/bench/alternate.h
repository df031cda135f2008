/* How two variants are timed on a machine whose clock speed wanders: in turn, in pairs. */
#ifndef BENCH_ALTERNATE_H
#define BENCH_ALTERNATE_H

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum variant { NATIVE, SHIMMED };

static inline void must(int held, const char *what)
{
	if (__builtin_expect(held, 1))
		return;
	fprintf(stderr, "bench: %s: %s\n", what, strerror(errno));
	exit(2);
}

static inline int64_t now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000LL + time.tv_nsec;
}

/* The order within a pair changes each time, so that a steady drift cancels. The first pair warms
 * up. */
static inline void alternate(int pairs, double (*time_one)(enum variant, void *), void *of)
{
	for (int i = -1; i < pairs; i++) {
		double spent[2];
		enum variant first = i % 2 ? SHIMMED : NATIVE;
		spent[first] = time_one(first, of);
		spent[!first] = time_one(!first, of);
		if (i >= 0)
			printf("pair %.3f %.3f\n", spent[NATIVE], spent[SHIMMED]);
	}
}

#endif

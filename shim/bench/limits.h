/* What a program of the benchmark needs and the machine may not allow. */
#ifndef BENCH_LIMITS_H
#define BENCH_LIMITS_H

#include "alternate.h"
#include <sys/resource.h>

enum { CANNOT_HERE = 77 }; /* exit status: this machine does not allow what the row needs */

static inline void cannot_here(const char *needed, long many)
{
	fprintf(stderr, "needs %s %ld\n", needed, many);
	exit(CANNOT_HERE);
}

/* Raises the limit of descriptors to `wanted`, or as far as it goes; what it is then. */
static inline long allow_descriptors(long wanted)
{
	struct rlimit limit;
	must(getrlimit(RLIMIT_NOFILE, &limit) == 0, "getrlimit");
	rlim_t most = limit.rlim_max, want = wanted;
	if (limit.rlim_cur >= want)
		return wanted;
	limit = (struct rlimit){want, want > most ? want : most};
	if (setrlimit(RLIMIT_NOFILE, &limit) == 0)
		return wanted;
	limit = (struct rlimit){most, most}; /* beyond it needs CAP_SYS_RESOURCE */
	must(setrlimit(RLIMIT_NOFILE, &limit) == 0, "setrlimit");
	return most;
}

static inline void need_descriptors(long wanted)
{
	if (allow_descriptors(wanted) < wanted)
		cannot_here("ulimit -Hn", wanted);
}

#endif

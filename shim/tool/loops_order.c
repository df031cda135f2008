/* The order in which loops and descriptors are shown. */
#include "loops.h"

#include <stdlib.h>

static int by_interest(const void *a, const void *b)
{
	const struct descriptor *x = *(struct descriptor *const *)a,
				*y = *(struct descriptor *const *)b;
	uint64_t mine = x->reported + x->reads + x->writes,
		 other = y->reported + y->reads + y->writes;
	if (x->findings != y->findings)
		return x->findings < y->findings ? 1 : -1;
	return mine < other ? 1 : mine > other ? -1 : ascending(x->fd, y->fd);
}

static int by_waits(const void *a, const void *b)
{
	const struct loop *x = *(struct loop *const *)a, *y = *(struct loop *const *)b;
	return x->waits < y->waits ? 1 : x->waits > y->waits ? -1 : ascending(x->epfd, y->epfd);
}

void loops_sort(struct loops *l)
{
	if (l->count)
		qsort(l->all, l->count, sizeof(l->all[0]), by_interest);
	if (l->loop_count)
		qsort(l->loops, l->loop_count, sizeof(l->loops[0]), by_waits);
}

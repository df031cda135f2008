/* Where calls came from, in streams of their own: these are never overwritten. */
#ifndef POLLCHECK_TRACE_SITE_H
#define POLLCHECK_TRACE_SITE_H

#include "trace_stream.h"

void trace_site_told(struct stream *, uint16_t site);

/* The site, which the trace knows from now on. */
static inline uint16_t trace_site(struct stream *s, uint16_t site)
{
	uint64_t bit = 1ull << (site % 64);
	uint64_t told =
		atomic_load_explicit(&trace_memory->sites_told[site / 64], memory_order_relaxed);
	if (unlikely(!(told & bit)))
		trace_site_told(s, site);
	return site;
}

#endif

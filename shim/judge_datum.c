/* What programs put into the data of an event: a union of 64 bits, of which data.fd and data.u32
 * set one half (epoll_ctl(2), epoll_event(3type)). */
#include "judge.h"

/* Some keep a generation in the upper half, as libev does. Whoever has been seen doing so is not
 * suspected: a counter passes every value in time. */
static _Atomic bool tagged;

static bool same_half(uint64_t data, const void *address)
{
	return data >> 32 == (uint64_t)(uintptr_t)address >> 32;
}

/* Stack and code are where the stray halves of addresses on a stack come from. */
static bool half_address(const struct call *c, uint64_t data)
{
	return same_half(data, &data) || same_half(data, c->site) ||
	       same_half(data, (const void *)judge_datum);
}

void judge_datum(const struct call *c, uint64_t data)
{
	if (sizeof(void *) < sizeof(data) || (int32_t)data != c->fd || GET(tagged))
		return;
	if (!half_address(c, data)) {
		PUT(tagged, true);
		return;
	}
	KEEP_ERRNO;
	struct evidence e = evidence_for(c->fd, c->epfd);
	e.n = (int64_t)(data >> 32);
	judge(WHEN_DATUM, c, &e);
}

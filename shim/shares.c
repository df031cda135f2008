/* Open file descriptions that several numbers name. */
#include "shares.h"

_Atomic uint32_t shares[SHARES];

static uint16_t share_made(void)
{
	static _Atomic uint32_t next;
	for (int tries = 0; tries < 64; tries++) {
		uint32_t index = 1 + atomic_fetch_add(&next, 1) % (SHARES - 1);
		uint32_t none = SHARE_FREE;
		if (swap32(&shares[index], &none, ONE_NUMBER))
			return (uint16_t)index;
	}
	return SHARE_UNKNOWN;
}

static uint16_t share_of(struct fd_record *r)
{
	uint16_t index = GET(r->shared), none = 0;
	if (index)
		return index;
	index = share_made();
	if (!atomic_compare_exchange_strong(&r->shared, &none, index)) {
		if (index != SHARE_UNKNOWN)
			atomic_store(&shares[index], SHARE_FREE);
		return none;
	}
	return index;
}

bool fd_is_shared(const struct fd_record *record)
{
	return share_has_others(GET(((struct fd_record *)record)->shared));
}

bool fd_same_description(const struct fd_record *a, const struct fd_record *b)
{
	uint16_t index = GET(((struct fd_record *)a)->shared);
	return index && index != SHARE_UNKNOWN && index == GET(((struct fd_record *)b)->shared);
}

void share_freed(uint16_t index)
{
	atomic_store(&shares[index], SHARE_FREE);
}

uint16_t share_joined(struct fd_record *r)
{
	uint16_t index = share_of(r);
	if (index != SHARE_UNKNOWN)
		add32(&shares[index], 1);
	return index;
}

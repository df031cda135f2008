/* What programs put into the data of an event: a union of 64 bits, of which data.fd and data.u32
 * set one half (epoll_ctl(2), epoll_event(3type)). */
#include "judge.h"

#include "stack.h"

/* --- stored: half of it --- */

/* Some keep a generation in the upper half, as libev does. Whoever has been seen doing so is not
 * suspected: a counter passes every value in time. */
static _Atomic bool tagged;

HOT _Atomic bool datum_pointers;

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
	if (sizeof(void *) < sizeof(data))
		return;
	if ((int32_t)data != c->fd) {
		PUT(datum_pointers, true);
		return;
	}
	if (GET(tagged))
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

/* --- read: the other member --- */

enum { SEARCHES = 64 }; /* in a process: each goes through all registrations */

struct search {
	uint32_t half;
	int fd;
};

static void compare(const struct pollcheck_entry *entry, void *argument)
{
	struct search *s = argument;
	if ((uint32_t)entry->data == s->half && entry->data >> 32 && !entry->orphan)
		s->fd = entry->fd;
}

bool datum_half(int number, int *fd)
{
	static _Atomic uint32_t searches;
	struct search s = {(uint32_t)number, -1};
	if (!GET(datum_pointers) || (unsigned)number < FD_CHUNK * FD_CHUNKS ||
		atomic_fetch_add(&searches, 1) >= SEARCHES)
		return false;
	for (uint32_t i = 1; s.fd < 0 && i < GET(interest_instances_used); i++)
		if (GET(interest_instances[i]) & 1)
			interest_each((uint16_t)i, compare, &s);
	*fd = s.fd;
	return s.fd >= 0;
}

bool judge_misread(const struct call *c)
{
	int fd;
	if (likely(!GET(datum_pointers)) || !datum_half(c->fd, &fd))
		return false;
	struct evidence e = evidence_for(fd, -1);
	e.registration = fd_registration(e.record);
	e.n = c->fd;
	e.confirmed_by = "return value";
	return judge(WHEN_MISREAD, c, &e);
}

void judge_beyond(int number)
{
	if (errno != EBADF)
		return;
	KEEP_ERRNO;
	struct call c = {.epfd = -1, .fd = number, .result = -1, .error = EBADF};
	stack_caller(&c.id, &c.site);
	judge_misread(&c);
}

/* Rules about the entries of poll's array: those that were never filled in. */
#include "process.h"
#include "rules.h"

static bool is_poll(const struct call *c)
{
	return calls[c->id].roles[0] == FDS[0];
}

/* Zeros are an entry for standard input that asks for nothing. By intent that is a way to learn of
 * a hang-up; but then something is done about it. */
static bool zeros(const struct call *c)
{
	const struct pollfd *fds = c->array; /* the kernel wrote revents there just now */
	for (int64_t i = 0; is_poll(c) && c->nfds > 1 && i < c->nfds; i++)
		if (fds[i].fd == 0 && fds[i].events == 0)
			return true;
	return false;
}

bool rule_slot_zero(const struct call *c, struct evidence *e)
{
	return e->fd == 0 && !(e->mask & (POLLIN | POLLOUT)) && zeros(c) && rule_confirmed(e);
}

bool rule_slot_zero_invalid(const struct call *c, struct evidence *e)
{
	struct fd_record *r = (struct fd_record *)e->record;
	if (e->fd != 0 || !r || !zeros(c))
		return false;
	e->severity = GET(r->invalid) > 1 ? WARNING : NOTE;
	e->confirmed_by = "return value";
	return true;
}

static bool alike(const struct pollfd *one, const struct pollfd *other)
{
	return one->fd == other->fd && one->fd >= 0 && one->events == other->events;
}

bool rule_slots_alike(const struct call *c, struct evidence *e)
{
	enum { LOOKED_AT = 64 };
	const struct pollfd *fds = c->array;
	if (!is_poll(c))
		return false;
	for (int64_t i = 1; i < c->nfds && i < LOOKED_AT; i++)
		for (int64_t j = 0; j < i; j++)
			if (alike(&fds[i], &fds[j])) {
				*e = (struct evidence){.severity = e->severity,
					.fd = fds[i].fd,
					.epfd = -1,
					.record = fd_find(fds[i].fd),
					.n = j,
					.m = i,
					.mask = (uint16_t)fds[i].events,
					.why = fds[i].fd || fds[i].events
						       ? ""
						       : ": were they ever filled in?"};
				return true;
			}
	return false;
}

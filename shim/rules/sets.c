/* Rules about the members of a wait set: pollfd entries and the bits of an fd_set. */
#include "fetch.h"
#include "process.h"
#include "rules.h"

#include <limits.h>

static bool entries_ask(const struct call *c, int fd, uint32_t event)
{
	struct pollfd some[32];
	const struct pollfd *fds = c->array;
	int64_t many = sizeof(some) / sizeof(some[0]);
	for (int64_t from = 0; from < c->nfds; from += many) {
		int64_t n = c->nfds - from < many ? c->nfds - from : many;
		if (!fetch(some, fds + from, (size_t)n * sizeof(some[0])))
			return true;
		for (int64_t i = 0; i < n; i++)
			if (some[i].fd == fd && ((uint32_t)some[i].events & event))
				return true;
	}
	return false;
}

bool set_asks(const struct call *c, int fd, uint32_t event)
{
	unsigned long word;
	if (c->array)
		return entries_ask(c, fd, event);
	const fd_set *set = c->sets[event == POLLIN ? 0 : event == POLLOUT ? 1 : 2];
	if (!set || fd >= c->nfds)
		return false;
	return !fetch(&word, (const long *)(const void *)set + fd / SET_WORD, sizeof(word)) ||
	       (word >> (fd % SET_WORD) & 1);
}

static bool is_open(int fd, struct evidence *e)
{
	e->confirmed_by = "fcntl";
	return may_make_system_calls() && SYSTEM(fcntl, (long)fd, (long)F_GETFD) >= 0;
}

/* The kernel looks no further than its table of descriptors, so a large nfds alone reads and writes
 * nothing. */
static int high_descriptor(int64_t nfds)
{
	for (int fd = FD_SETSIZE; fd < nfds && fd <= fd_highest(); fd++) {
		struct fd_record *r = fd_find(fd);
		if (r && fd_alive(r))
			return fd;
	}
	return 0;
}

bool rule_fd_setsize(const struct call *c, struct evidence *e)
{
	e->n = c->nfds;
	if (c->nfds <= FD_SETSIZE || c->result < 0)
		return false;
	size_t bytes = (size_t)(c->nfds + 63) / 64 * 8;
	for (int i = 0; i < 3; i++)
		for (int j = 0; j < 3; j++) {
			const char *one = (const char *)c->sets[i],
				   *other = (const char *)c->sets[j];
			if (one && other && other > one && (size_t)(other - one) < bytes) {
				e->why = "overlap at that length: the call reaches into the next "
					 "set";
				e->severity = high_descriptor(c->nfds) ? ERROR : NOTE;
				return true;
			}
		}
	return false;
}

/* Programs whose sets are larger give a larger nfds by then. */
bool rule_fd_setsize_forecast(const struct call *c, struct evidence *e)
{
	bool sets = c->sets[0] || c->sets[1] || c->sets[2];
	e->n = high_descriptor(INT_MAX);
	return sets && c->nfds > 0 && c->nfds <= FD_SETSIZE && e->n;
}

/* The bits at or above nfds in all three sets; at most most of them. */
static int bits_above(const struct call *c, int *fds, int most)
{
	int found = 0;
	for (int i = 0; i < 3; i++)
		for (int bit = (int)c->nfds; c->asked->set_known[i] && bit < FD_SETSIZE; bit++) {
			if (!(c->asked->sets[i][bit / 64] >> (bit % 64) & 1))
				continue;
			if (found == most)
				return most + 1;
			fds[found++] = bit;
		}
	return found;
}

/* A caller that clears only nfds bits leaves garbage above: only a few bits, all of them open
 * descriptors whose creation was seen, are an accusation. */
bool rule_select_nfds(const struct call *c, struct evidence *e)
{
	int fds[4];
	int found = c->nfds < 0 || c->nfds >= FD_SETSIZE ? 0 : bits_above(c, fds, 4);
	if (found < 1 || found > 4)
		return false;
	for (int i = 0; i < found; i++) {
		struct fd_record *r = fd_find(fds[i]);
		if (!r || !(GET(r->flags) & FD_BIRTH_SEEN) || !fd_alive(r) || !is_open(fds[i], e))
			return false;
	}
	e->fd = fds[0];
	e->record = fd_find(e->fd);
	e->n = c->nfds;
	return true;
}

/* One look at a closed number is how some programs ask whether it is open; the second is a mistake.
 */
bool rule_invalid_fd(const struct call *c, struct evidence *e)
{
	(void)c;
	struct fd_record *r = (struct fd_record *)e->record;
	if (!r)
		return false;
	e->why = GET(r->invalid) > 1 ? ", again" : "";
	e->severity = GET(r->invalid) > 1 ? ERROR : NOTE;
	e->confirmed_by = "return value";
	return true;
}

/* Nothing but a signal ends this wait; e->fd, which was asked for, is still open. */
bool rule_set_deaf(const struct call *c, struct evidence *e)
{
	(void)c;
	return is_open(e->fd, e);
}

/* What is lost matters once it has something to say. Until then it may have been left out on
 * purpose. */
bool rule_set_left(const struct call *c, struct evidence *e)
{
	(void)c;
	enum { EMPTY_NOTED = 8 };
	if (!is_open(e->fd, e))
		return false;
	e->why = e->n ? "nothing is watched at all" : "it is not watched any more";
	if (e->n == 0)
		e->severity = WARNING;
	if (fd_kind_visible(fd_kind(e->fd)) && rule_confirmed(e))
		return true;
	e->severity = NOTE;
	e->confirmed_by = "fcntl";
	return e->n >= EMPTY_NOTED;
}

/* Where the reuse itself was seen there is no doubt; else time was given, ran out, and was never
 * given again. */
bool rule_timeval_spent(const struct call *c, struct evidence *e)
{
	(void)c;
	if (!e->m)
		e->severity = WARNING;
	e->why = e->m ? "what select left of the time is passed to it again, and nothing is left"
		      : "the time ran out once and was not set again";
	return true;
}

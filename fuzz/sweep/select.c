/* select(2) and pselect(2): each choice of sets. What stays in a set follows from what poll(2)
 * says, by the table in select(2), "Correspondence between select() and poll() notifications"; the
 * kernel counts POLLNVAL in all three. */
#include "sweep.h"

#include <errno.h>
#include <sys/select.h>
#include <time.h>

enum { READ = 1, WRITE = 2, EXCEPT = 4, SETS = 3 };

static uint32_t ready(uint32_t truth)
{
	uint32_t sets = 0;
	if (truth & (POLLRDNORM | POLLRDBAND | POLLIN | POLLHUP | POLLERR | POLLNVAL))
		sets |= READ;
	if (truth & (POLLWRBAND | POLLWRNORM | POLLOUT | POLLERR | POLLNVAL))
		sets |= WRITE;
	if (truth & (POLLPRI | POLLNVAL))
		sets |= EXCEPT;
	return sets;
}

/* The sets as left and, above them, the count returned. */
static int64_t both(uint32_t sets, int count)
{
	return sets | (int64_t)count << SETS;
}

static int64_t call(int fd, uint32_t asked, bool timespec)
{
	static const struct timespec at_once;
	struct timeval now = {0, 0};
	fd_set sets[SETS], *given[SETS];
	uint32_t left = 0;
	for (int i = 0; i < SETS; i++) {
		FD_ZERO(&sets[i]);
		FD_SET(fd, &sets[i]);
		given[i] = asked & 1u << i ? &sets[i] : NULL;
	}
	int count = timespec ? pselect(fd + 1, given[0], given[1], given[2], &at_once, NULL)
			     : select(fd + 1, given[0], given[1], given[2], &now);
	for (int i = 0; i < SETS; i++)
		left |= given[i] && FD_ISSET(fd, given[i]) ? 1u << i : 0;
	return count < 0 ? -errno : both(left, count);
}

/* A number beyond the descriptor table is not looked at: it is not counted, and stays in its set.
 */
static int64_t expected(const struct state *state, uint32_t asked)
{
	uint32_t sets = ready(state->truth) & asked;
	if (state->make == high_number)
		return both(asked, 0);
	if (state->make == closed_number && asked)
		return -EBADF;
	return both(sets, __builtin_popcount(sets));
}

void sweep_select(const struct state *state, int fd, struct extent extent, struct account *account)
{
	(void)extent;
	for (uint32_t asked = 0; fd >= 0 && asked < 1u << SETS; asked++) {
		compare(account, SELECT, asked, expected(state, asked), call(fd, asked, false));
		compare(account, PSELECT, asked, expected(state, asked), call(fd, asked, true));
	}
}

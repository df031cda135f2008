/* epoll(7): all combinations of the defined bits, each undefined bit and each pair of bits with the
 * four flags in all combinations, and a sample of the rest; by EPOLL_CTL_ADD and by EPOLL_CTL_MOD.
 * What comes back is what was asked for and true, and EPOLLERR and EPOLLHUP; once if EPOLLET or
 * EPOLLONESHOT is asked for, else each time. */
#include "sweep.h"

#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

static const uint32_t events[] = {EPOLLIN, EPOLLPRI, EPOLLOUT, EPOLLERR, EPOLLHUP, POLLNVAL,
	EPOLLRDNORM, EPOLLRDBAND, EPOLLWRNORM, EPOLLWRBAND, EPOLLMSG, 0x1000 /* POLLREMOVE */,
	EPOLLRDHUP, EPOLLEXCLUSIVE, EPOLLWAKEUP, EPOLLONESHOT, EPOLLET};
enum { DEFINED = sizeof(events) / sizeof(events[0]), FLAGS = 4, BITS = 32, SAMPLE = 1 << 14 };
static const uint32_t once = EPOLLET | EPOLLONESHOT;
static const uint32_t beside_exclusive =
	EPOLLIN | EPOLLOUT | EPOLLERR | EPOLLHUP | EPOLLWAKEUP | EPOLLET | EPOLLEXCLUSIVE;

/* --- the masks, by number --- */

static uint32_t combination(uint32_t number)
{
	uint32_t mask = 0;
	for (; number; number &= number - 1)
		mask |= events[__builtin_ctz(number)];
	return mask;
}

/* One bit or two, with each combination of the flags. */
static uint32_t pair(uint32_t number)
{
	uint32_t flags = number % (1 << FLAGS), bits = number >> FLAGS;
	return combination(flags << (DEFINED - FLAGS)) | 1u << bits / BITS | 1u << bits % BITS;
}

/* splitmix: the same sample in each run */
static uint32_t sample(uint32_t number)
{
	uint64_t z = (number + 1) * 0x9e3779b97f4a7c15u;
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	return (uint32_t)(z ^ z >> 27);
}

enum { ALL = 1 << DEFINED, PAIRS = BITS * BITS << FLAGS };

static uint32_t mask_number(uint32_t number)
{
	if (number < ALL)
		return combination(number);
	return number < ALL + PAIRS ? pair(number - ALL) : sample(number - ALL - PAIRS);
}

/* --- what must come --- */

struct subject {
	const struct state *state;
	struct account *account;
	int fd, epfd;
};

static int64_t expected_of_ctl(const struct subject *s, int op, uint32_t mask)
{
	bool exclusive = mask & EPOLLEXCLUSIVE;
	if (s->state->refused)
		return -s->state->refused;
	if (exclusive &&
		(op == EPOLL_CTL_MOD || (mask & ~beside_exclusive) || s->state->make == instance))
		return -EINVAL;
	return 0;
}

static int64_t expected_of_wait(const struct subject *s, uint32_t mask)
{
	return s->state->truth & (mask | EPOLLERR | EPOLLHUP);
}

/* --- what comes --- */

static uint64_t datum(uint32_t mask)
{
	return (uint64_t)~mask << 32 | mask;
}

static int64_t change(const struct subject *s, int op, uint32_t mask)
{
	struct epoll_event event = {mask, {.u64 = datum(mask)}};
	return epoll_ctl(s->epfd, op, s->fd, &event) < 0 ? -errno : 0;
}

static void wait_once(const struct subject *s, enum aspect aspect, uint32_t mask, int64_t expected)
{
	struct epoll_event event[2] = {{0, {0}}};
	int count = epoll_wait(s->epfd, event, 2, 0);
	int64_t answered = count < 0 ? -errno : (int64_t)(count ? event[0].events : 0);
	compare(s->account, aspect, mask, expected, count > 1 ? -EPROTO : answered);
	if (count > 0)
		compare(s->account, ADD_DATA, mask, 0, event[0].data.u64 != datum(mask));
}

static void wait_twice(const struct subject *s, enum aspect first, enum aspect again, uint32_t mask)
{
	int64_t expected = expected_of_wait(s, mask);
	wait_once(s, first, mask, expected);
	wait_once(s, again, mask, mask & once ? 0 : expected);
}

static void sweep_add(const struct subject *s, uint32_t mask)
{
	int64_t expected = expected_of_ctl(s, EPOLL_CTL_ADD, mask);
	int64_t answered = change(s, EPOLL_CTL_ADD, mask);
	compare(s->account, ADD_RESULT, mask, expected, answered);
	if (answered < 0)
		return;
	wait_twice(s, ADD_WAIT, ADD_AGAIN, mask);
	if (mask & EPOLLEXCLUSIVE) {
		answered = change(s, EPOLL_CTL_MOD, mask & ~EPOLLEXCLUSIVE);
		compare(s->account, EXCLUSIVE_MOD, mask, -EINVAL, answered);
	} else if (mask & once) {
		change(s, EPOLL_CTL_MOD, mask);
		wait_once(s, REARM_WAIT, mask, expected_of_wait(s, mask));
	}
	change(s, EPOLL_CTL_DEL, mask);
}

static void sweep_mod(const struct subject *s, uint32_t mask)
{
	int64_t expected = expected_of_ctl(s, EPOLL_CTL_MOD, mask);
	int64_t answered = change(s, EPOLL_CTL_MOD, mask);
	compare(s->account, MOD_RESULT, mask, expected, answered);
	if (answered == 0)
		wait_twice(s, MOD_WAIT, MOD_AGAIN, mask);
}

void sweep_epoll(const struct state *state, int fd, struct extent extent, struct account *account)
{
	struct subject adding = {state, account, fd, epoll_create1(EPOLL_CLOEXEC)};
	struct subject changing = {state, account, fd, epoll_create1(EPOLL_CLOEXEC)};
	change(&changing, EPOLL_CTL_ADD, 0);
	for (uint32_t i = extent.offset; i < ALL + PAIRS + SAMPLE; i += extent.every) {
		sweep_add(&adding, mask_number(i));
		sweep_mod(&changing, mask_number(i));
	}
}

/* Waits, and what is waited for. */
#include "rules.h"

#include <string.h>

struct epoll_event reported[EVENTS_ROOM];
int reported_count;
static struct pollfd polled[SLOTS];
static fd_set sets[3];
static struct timeval left;
static int data_kind;

/* How closely the library looks at a call depends on how often it came from there before: each
 * input waits from a place of its own, as far as there are some. What stands around the calls keeps
 * the compiler from making one of them. */
enum { PLACES = 32 };
static unsigned place;

#define PLACE(n, call)                                                                             \
	case n:                                                                                    \
		__asm__ volatile("" ::"i"(n));                                                     \
		call;                                                                              \
		__asm__ volatile("" ::"i"(n));                                                     \
		break;
#define FOUR(n, call)                                                                              \
	PLACE((n), call) PLACE((n) + 1, call) PLACE((n) + 2, call) PLACE((n) + 3, call)
#define SIXTEEN(n, call)                                                                           \
	FOUR((n), call) FOUR((n) + 4, call) FOUR((n) + 8, call) FOUR((n) + 12, call)
#define FROM_PLACE(call)                                                                           \
	switch (place) {                                                                           \
		SIXTEEN(0, call)                                                                   \
		SIXTEEN(16, call)                                                                  \
	}

void take_data(const struct step *s)
{
	data_kind = s->a % 5;
}

static uint64_t data_of(int fd)
{
	switch (data_kind) {
	case 1:
		return (uint64_t)(uintptr_t)&fds[0];
	case 2:
		return 0;
	case 3:
		return 7;
	case 4:
		return ((uintptr_t)&fds[0] & ~0xffffffffull) | (uint32_t)fd; /* one member set */
	default:
		return (uint64_t)fd;
	}
}

void take_control(const struct step *s)
{
	static const uint32_t masks[] = {EPOLLIN, EPOLLOUT, EPOLLIN | EPOLLOUT, EPOLLIN | EPOLLET,
		EPOLLIN | EPOLLOUT | EPOLLET, EPOLLIN | EPOLLONESHOT, EPOLLIN | EPOLLRDHUP, 0,
		EPOLLIN | EPOLLEXCLUSIVE, EPOLLIN | 0x1000, EPOLLOUT | EPOLLET, EPOLLPRI};
	int fd = fds[slot(s->b)];
	struct epoll_event event = {.events = masks[s->c / 3 % 12], .data.u64 = data_of(fd)};
	epoll_ctl(fds[slot(s->a)], s->c % 3 + 1, fd, s->c % 3 + 1 == EPOLL_CTL_DEL ? NULL : &event);
}

/* Without limit only what is ready, or will be interrupted; a millisecond of the kernel's time
 * else. */
static int timeout_of(uint8_t byte, int fd)
{
	if (byte % 4 == 2 && is_ready(fd, POLLIN))
		return -1;
	return time_taken(byte % 4) ? byte % 4 : 0;
}

void take_wait(const struct step *s)
{
	int epfd = fds[slot(s->a)], room = s->b % (EVENTS_ROOM + 1),
	    timeout = timeout_of(s->c, epfd);
	struct timespec time = {0, s->c & 8 ? 1000000000 : (long)(s->c >> 4) * 10000};
	if (s->c & 4)
		FROM_PLACE(reported_count = epoll_pwait2(epfd, reported, room, &time, NULL))
	else
		FROM_PLACE(reported_count = epoll_wait(epfd, reported, room, timeout))
}

/* A negative one, which is none, where something is ready. */
static int poll_timeout(uint8_t byte, nfds_t count)
{
	for (nfds_t i = 0; byte % 4 == 3 && i < count; i++)
		if (is_ready(polled[i].fd, polled[i].events))
			return -2;
	return time_taken(byte % 4) ? byte % 4 : 0;
}

void take_poll(const struct step *s)
{
	nfds_t count = 0;
	reported_count = 0;
	for (int i = 0; i < SLOTS; i++)
		if (s->a >> i & 1)
			polled[count++] = (struct pollfd){fds[i], (short)(s->b & 0x1f), 0};
	int ready = 0, timeout = poll_timeout(s->c, count);
	FROM_PLACE(ready = poll(polled, count, timeout))
	for (nfds_t i = 0; ready > 0 && i < count; i++)
		if (polled[i].revents)
			reported[reported_count++].data.u32 = (uint32_t)polled[i].fd;
}

/* What select(2) left is given again unless it is set anew. */
void take_select(const struct step *s)
{
	int highest = -1;
	for (int set = 0; set < 3 && s->b >> set & 1; set++) {
		FD_ZERO(&sets[set]);
		for (int i = 0; i < SLOTS; i++)
			if (s->a >> i & 1 && fds[i] >= 0)
				FD_SET(fds[i], &sets[set]);
	}
	for (int i = 0; i < SLOTS; i++)
		highest = fds[i] > highest ? fds[i] : highest;
	if (s->c & 1)
		left = (struct timeval){0, 1 + (s->c >> 4) * 100};
	reported_count = 0;
	bool ends = s->c & 4 && signals_come() && time_taken(1);
	if (left.tv_usec && !time_taken(1))
		left.tv_usec = 0;
	FROM_PLACE(select(highest + (s->c & 2 ? 1 : 0), &sets[0], s->b & 8 ? NULL : &sets[1],
		s->b & 16 ? NULL : &sets[2], ends ? NULL : &left))
}

void waits_begin(uint64_t input)
{
	place = (unsigned)(input % PLACES);
	memset(sets, 0, sizeof(sets));
	left = (struct timeval){0, 0};
	reported_count = data_kind = 0;
}

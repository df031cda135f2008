/* The least that records the timed calls with LTTng-UST: wrappers with a tracepoint before and one
 * after the real call, which know arguments, result and what was ready, and judge nothing. */
#define LTTNG_UST_TRACEPOINT_CREATE_PROBES
#define LTTNG_UST_TRACEPOINT_DEFINE
#include "lttng_events.h"

#include <dlfcn.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <unistd.h>

enum call { EPOLL_WAIT, EPOLL_CTL, POLL, SELECT, READ, WRITE };

#define REAL(name) ((__typeof__(&name))real_##name)
#define FIND(name) (real_##name = dlsym(RTLD_NEXT, #name))
static void *real_epoll_wait, *real_epoll_ctl, *real_poll, *real_select, *real_read, *real_write;

__attribute__((constructor(101))) static void find(void)
{
	FIND(epoll_wait), FIND(epoll_ctl), FIND(poll), FIND(select), FIND(read), FIND(write);
}

#define BEGINS(call, a, b, c)                                                                      \
	lttng_ust_tracepoint(pollcheck_bench, begins, call, (int64_t)(a), (int64_t)(b),            \
		(int64_t)(c), __builtin_return_address(0))
#define ENDED(call, result, ready, bytes)                                                          \
	lttng_ust_tracepoint(pollcheck_bench, ended, call, result, (const char *)(ready), bytes)

int epoll_wait(int epfd, struct epoll_event *events, int maxevents, int timeout)
{
	BEGINS(EPOLL_WAIT, epfd, maxevents, timeout);
	int result = REAL(epoll_wait)(epfd, events, maxevents, timeout);
	ENDED(EPOLL_WAIT, result, events, result > 0 ? (size_t)result * sizeof *events : 0);
	return result;
}

int epoll_ctl(int epfd, int op, int fd, struct epoll_event *event)
{
	BEGINS(EPOLL_CTL, epfd, op, fd);
	int result = REAL(epoll_ctl)(epfd, op, fd, event);
	ENDED(EPOLL_CTL, result, event, result == 0 && event ? sizeof *event : 0);
	return result;
}

int poll(struct pollfd *fds, nfds_t nfds, int timeout)
{
	BEGINS(POLL, nfds, timeout, 0);
	int result = REAL(poll)(fds, nfds, timeout);
	ENDED(POLL, result, fds, (nfds < 16 ? nfds : 16) * sizeof *fds);
	return result;
}

int select(int nfds, fd_set *readfds, fd_set *writefds, fd_set *exceptfds, struct timeval *timeout)
{
	BEGINS(SELECT, nfds, 0, 0);
	int result = REAL(select)(nfds, readfds, writefds, exceptfds, timeout);
	ENDED(SELECT, result, readfds, readfds ? (size_t)nfds / 8 : 0);
	return result;
}

/* The C library calls these before our constructor. */
#define TRANSFERS(name, call, type)                                                                \
	ssize_t name(int fd, type *buffer, size_t size)                                            \
	{                                                                                          \
		if (!real_##name)                                                                  \
			find();                                                                    \
		BEGINS(call, fd, size, 0);                                                         \
		ssize_t result = REAL(name)(fd, buffer, size);                                     \
		ENDED(call, result, NULL, 0);                                                      \
		return result;                                                                     \
	}
TRANSFERS(read, READ, void)
TRANSFERS(write, WRITE, const void)

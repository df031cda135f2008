/* The calls that are timed, three times over: libc's own, the ones the program is bound to (a
 * preloaded library's where there is one), and the program's PLT stubs, where ltrace and uftrace
 * put their hooks. */
#ifndef BENCH_CALLS_H
#define BENCH_CALLS_H

#include "alternate.h"
#include <dlfcn.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

/* clang-format off */
#define CALLS(CALL) \
	CALL(int, epoll_wait, (int epfd, struct epoll_event *events, int maxevents, int timeout), \
	     (epfd, events, maxevents, timeout)) \
	CALL(int, epoll_ctl, (int epfd, int op, int fd, struct epoll_event *event), (epfd, op, fd, event)) \
	CALL(int, poll, (struct pollfd *fds, nfds_t nfds, int timeout), (fds, nfds, timeout)) \
	CALL(int, select, (int nfds, fd_set *readfds, fd_set *writefds, fd_set *exceptfds, \
	     struct timeval *timeout), (nfds, readfds, writefds, exceptfds, timeout)) \
	CALL(ssize_t, read, (int fd, void *buf, size_t count), (fd, buf, count)) \
	CALL(ssize_t, write, (int fd, const void *buf, size_t count), (fd, buf, count)) \
	CALL(ssize_t, recv, (int fd, void *buf, size_t len, int flags), (fd, buf, len, flags)) \
	CALL(ssize_t, send, (int fd, const void *buf, size_t len, int flags), (fd, buf, len, flags)) \
	CALL(int, dup, (int oldfd), (oldfd)) \
	CALL(int, close, (int fd), (fd)) \
	CALL(int, socket, (int domain, int type, int protocol), (domain, type, protocol)) \
	CALL(int, connect, (int fd, const struct sockaddr *addr, socklen_t len), (fd, addr, len)) \
	CALL(int, accept4, (int fd, struct sockaddr *addr, socklen_t *len, int flags), \
	     (fd, addr, len, flags))

#define CALL(type, name, parameters, arguments) type (*name) parameters;
struct calls { CALLS(CALL) };
#undef CALL

#define CALL(type, name, parameters, arguments) \
	static type plt_##name parameters { return name arguments; }
CALLS(CALL)
#undef CALL

#define CALL(type, name, parameters, arguments) .name = plt_##name,
static const struct calls through_plt = { CALLS(CALL) };
#undef CALL
/* clang-format on */

static inline void *found(void *library, const char *name)
{
	void *address = dlsym(library, name);
	must(address != NULL, name);
	return address;
}

/* library: a handle of libc.so.6 for libc's own, RTLD_DEFAULT for what the program gets */
static inline struct calls calls_of(void *library)
{
#define CALL(type, name, parameters, arguments) .name = found(library, #name),
	return (struct calls){CALLS(CALL)};
#undef CALL
}

static inline void *libc_itself(void)
{
	void *library = dlopen("libc.so.6", RTLD_LAZY | RTLD_NOLOAD);
	must(library != NULL, "libc.so.6 is not loaded");
	return library;
}

#endif

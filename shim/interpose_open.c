/* Witnesses of the birth of descriptors, their duplicates and their flags. */
#include "herds.h"
#include "inherited.h"
#include "interpose_io.h"

#include <netinet/in.h>
#include <stdarg.h>

static inline int born(int fd, enum fd_kind kind, unsigned flags, const void *site)
{
	if (watched() && fd >= 0)
		fd_born(fd, kind, flags, site);
	return fd;
}

/* O_NONBLOCK and O_CLOEXEC, which SOCK_, EFD_, TFD_, SFD_ and IN_ flags equal on Linux. */
static inline unsigned flags_of(int flags)
{
	return (flags & O_NONBLOCK ? FD_NONBLOCKING : 0) |
	       (flags & O_CLOEXEC ? FD_CLOSE_ON_EXEC : 0);
}

static inline int born_pair(
	int result, const int fds[2], enum fd_kind kind, int flags, const void *site)
{
	if (watched() && result == 0) {
		born(fds[0], kind, flags_of(flags), site);
		born(fds[1], kind, flags_of(flags), site);
		waker_pair(fds);
	}
	return result;
}

static enum fd_kind socket_kind(int domain, int type)
{
	bool stream = (type & 0xf) == SOCK_STREAM;
	if (domain == AF_UNIX)
		return stream                       ? FD_UNIX_STREAM
		       : (type & 0xf) == SOCK_DGRAM ? FD_UNIX_DGRAM
						    : FD_SOCKET;
	if (domain == AF_INET || domain == AF_INET6)
		return stream ? FD_TCP : (type & 0xf) == SOCK_DGRAM ? FD_UDP : FD_SOCKET;
	return FD_SOCKET;
}

INTERPOSE int socket(int domain, int type, int protocol)
{
	int fd = REAL(socket)(domain, type, protocol);
	return born(fd, socket_kind(domain, type), flags_of(type), CALL_SITE);
}

INTERPOSE int socketpair(int domain, int type, int protocol, int fds[2])
{
	int result = REAL(socketpair)(domain, type, protocol, fds);
	return born_pair(result, fds, socket_kind(domain, type), type, CALL_SITE);
}

static int accepted(enum call_id id, int listener, int fd, int flags, const void *site)
{
	if (!watched())
		return fd;
	attempted(listener, ACCEPT, fd, 1);
	herd_accepted(listener, fd, id, site);
	struct fd_record *r = fd >= 0 ? fd_find(listener) : NULL;
	enum fd_kind kind = r ? GET(r->kind) : FD_UNKNOWN;
	born(fd, kind == FD_LISTENER ? FD_UNKNOWN : kind, flags_of(flags), site);
	if (unlikely(GET(batch_learning)) && fd >= 0 && (r = fd_find(fd)))
		batch_accepted(fd, r);
	return fd;
}

INTERPOSE int accept(int fd, struct sockaddr *address, socklen_t *length)
{
	if (unlikely(witnessed(fd)))
		input_begins(CALL_accept, CALL_SITE, fd, 0);
	return accepted(CALL_accept, fd, TRACED(accept, fd, (fd, address, length)), 0, CALL_SITE);
}

INTERPOSE int accept4(int fd, struct sockaddr *address, socklen_t *length, int flags)
{
	if (unlikely(witnessed(fd)))
		input_begins(CALL_accept4, CALL_SITE, fd, 0);
	int made = (int)TRACED(accept4, fd, (fd, address, length, flags));
	return accepted(CALL_accept4, fd, made, flags, CALL_SITE);
}

INTERPOSE int pipe(int fds[2])
{
	return born_pair(REAL(pipe)(fds), fds, FD_PIPE, 0, CALL_SITE);
}

INTERPOSE int __pipe(int fds[2])
{
	return born_pair(REAL(__pipe)(fds), fds, FD_PIPE, 0, CALL_SITE);
}

INTERPOSE int pipe2(int fds[2], int flags)
{
	return born_pair(REAL(pipe2)(fds, flags), fds, FD_PIPE, flags, CALL_SITE);
}

INTERPOSE int eventfd(unsigned value, int flags)
{
	return born(REAL(eventfd)(value, flags), FD_EVENTFD, flags_of(flags), CALL_SITE);
}

INTERPOSE int timerfd_create(int clock, int flags)
{
	return born(REAL(timerfd_create)(clock, flags), FD_TIMERFD, flags_of(flags), CALL_SITE);
}

INTERPOSE int signalfd(int fd, const sigset_t *mask, int flags)
{
	int made = REAL(signalfd)(fd, mask, flags);
	return fd == -1 ? born(made, FD_SIGNALFD, flags_of(flags), CALL_SITE) : made;
}

INTERPOSE int inotify_init(void)
{
	return born(REAL(inotify_init)(), FD_INOTIFY, 0, CALL_SITE);
}

INTERPOSE int inotify_init1(int flags)
{
	return born(REAL(inotify_init1)(flags), FD_INOTIFY, flags_of(flags), CALL_SITE);
}

/* --- open(2): the mode is there only when a file may be made --- */

#define MODE_OF(flags, mode)                                                                       \
	mode_t mode = 0;                                                                           \
	if (((flags)&O_CREAT) || ((flags)&O_TMPFILE) == O_TMPFILE) {                               \
		va_list list;                                                                      \
		va_start(list, flags);                                                             \
		mode = va_arg(list, mode_t);                                                       \
		va_end(list);                                                                      \
	}

#define OPEN(name)                                                                                 \
	INTERPOSE int name(const char *path, int flags, ...)                                       \
	{                                                                                          \
		MODE_OF(flags, mode)                                                               \
		return born(                                                                       \
			REAL(name)(path, flags, mode), FD_UNKNOWN, flags_of(flags), CALL_SITE);    \
	}
OPEN(open)
OPEN(__open)
OPEN(open64)
OPEN(__open64)

#define OPENAT(name)                                                                               \
	INTERPOSE int name(int directory, const char *path, int flags, ...)                        \
	{                                                                                          \
		MODE_OF(flags, mode)                                                               \
		return born(REAL(name)(directory, path, flags, mode), FD_UNKNOWN, flags_of(flags), \
			CALL_SITE);                                                                \
	}
OPENAT(openat)
OPENAT(openat64)

INTERPOSE int __open_2(const char *path, int flags)
{
	return born(REAL(__open_2)(path, flags), FD_UNKNOWN, flags_of(flags), CALL_SITE);
}

INTERPOSE int __open64_2(const char *path, int flags)
{
	return born(REAL(__open64_2)(path, flags), FD_UNKNOWN, flags_of(flags), CALL_SITE);
}

INTERPOSE int __openat_2(int directory, const char *path, int flags)
{
	return born(
		REAL(__openat_2)(directory, path, flags), FD_UNKNOWN, flags_of(flags), CALL_SITE);
}

INTERPOSE int __openat64_2(int directory, const char *path, int flags)
{
	return born(
		REAL(__openat64_2)(directory, path, flags), FD_UNKNOWN, flags_of(flags), CALL_SITE);
}

INTERPOSE int creat(const char *path, mode_t mode)
{
	return born(REAL(creat)(path, mode), FD_UNKNOWN, 0, CALL_SITE);
}

INTERPOSE int creat64(const char *path, mode_t mode)
{
	return born(REAL(creat64)(path, mode), FD_UNKNOWN, 0, CALL_SITE);
}

/* --- dup(2), fcntl(2) --- */

static inline int duplicated(int from, int to, int flags, const void *site)
{
	if (watched() && to >= 0)
		fd_duplicated(from, to, flags & O_CLOEXEC, site);
	return to;
}

INTERPOSE int dup(int fd)
{
	return duplicated(fd, REAL(dup)(fd), 0, CALL_SITE);
}

/* An open file of that number is closed without a word (dup(2)). */
static inline void replacing(int from, int to, enum call_id id, const void *site)
{
	struct fd_record *r = from == to || !watched() ? NULL : fd_find(from);
	if (r && (GET(r->state) & 3) != FD_CLOSED)
		number_ends(to, id, site);
}

INTERPOSE int dup2(int from, int to)
{
	replacing(from, to, CALL_dup2, CALL_SITE);
	return duplicated(from, REAL(dup2)(from, to), 0, CALL_SITE);
}

INTERPOSE int __dup2(int from, int to)
{
	replacing(from, to, CALL___dup2, CALL_SITE);
	return duplicated(from, REAL(__dup2)(from, to), 0, CALL_SITE);
}

INTERPOSE int dup3(int from, int to, int flags)
{
	replacing(from, to, CALL_dup3, CALL_SITE);
	return duplicated(from, REAL(dup3)(from, to, flags), flags, CALL_SITE);
}

static int controlled(int fd, int command, long argument, int result, const void *site)
{
	if (!watched() || result < 0)
		return result;
	if (command == F_DUPFD || command == F_DUPFD_CLOEXEC)
		duplicated(fd, result, command == F_DUPFD_CLOEXEC ? O_CLOEXEC : 0, site);
	else if (command == F_SETFD)
		fd_flag(fd, FD_CLOSE_ON_EXEC, argument & 1 /* FD_CLOEXEC of fcntl(2) */);
	else if (command == F_SETFL) {
		fd_flag(fd, FD_NONBLOCKING, argument & O_NONBLOCK);
		if (inherited_number(fd))
			inherited_set(fd, argument & O_NONBLOCK, CALL_fcntl, site);
	}
	return result;
}

/* Every third argument of fcntl(2) fits a long: int, pointer or none. */
#define FCNTL(name)                                                                                \
	INTERPOSE int name(int fd, int command, ...)                                               \
	{                                                                                          \
		va_list list;                                                                      \
		va_start(list, command);                                                           \
		long argument = va_arg(list, long);                                                \
		va_end(list);                                                                      \
		if (command == F_SETFL && inherited_number(fd))                                    \
			inherited_setting(fd);                                                     \
		return controlled(                                                                 \
			fd, command, argument, REAL(name)(fd, command, argument), CALL_SITE);      \
	}
FCNTL(fcntl)
FCNTL(__fcntl)
FCNTL(fcntl64)
#ifdef TIME64
FCNTL(__fcntl_time64)
#endif

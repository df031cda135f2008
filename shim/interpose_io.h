/* What the witnesses of input and output note: whether a program did something about what a wait
 * reported. On the quiet path each costs one look into the table. */
#ifndef POLLCHECK_INTERPOSE_IO_H
#define POLLCHECK_INTERPOSE_IO_H

#include "interpose.h"
#include "stalls.h"
#include "wakers.h"

#include <netinet/in.h>

/* Whether there is anything to note about fd, or to trace. Asked before the real call, so that the
 * call can be the last thing a wrapper does: a frame of ours left open across a system call costs
 * some 9 ns. What another thread's wait delivers during the call is noted at the next one. */
static inline bool witnessed(int fd)
{
	struct fd_record *r = fd_find(fd);
	return unlikely(GET(trace_on)) || ((r ? fd_attended(r) : GET(datum_pointers)) && watched());
}

/* Output that does not block may be refused or cut short. */
static inline bool output_witnessed(int fd, int flags)
{
	struct fd_record *r = fd_find(fd);
	if (unlikely(GET(trace_on)))
		return true;
	if (unlikely(!r))
		return GET(datum_pointers) && watched();
	return (fd_output_attended(r) || (flags & MSG_DONTWAIT)) && watched();
}

#define TRANSFERRED(name, in, out, arguments)                                                      \
	({                                                                                         \
		uint64_t traced_begin = trace_begins();                                            \
		ssize_t traced = REAL(name) arguments;                                             \
		if (unlikely(traced_begin))                                                        \
			trace_transfer(CALL_##name, in, out, CALL_SITE, traced_begin, traced);     \
		traced;                                                                            \
	})

/* In the wrapper itself: CALL_SITE is its, and stack_caller finds it on the stack by its name. */
#define IN_WRAPPER static inline __attribute__((always_inline))

/* The real call, then the note; errno is untouched unless the note has something to look at. */
IN_WRAPPER ssize_t input(int fd, ssize_t result, size_t asked, int flags)
{
	if (watched())
		attempted(fd, flags & MSG_PEEK ? PEEK : INPUT, result, asked);
	return result;
}

/* asked: bytes, or messages if the result counts those; 0 if nobody knows how many were meant. */
IN_WRAPPER ssize_t output(enum call_id id, int fd, ssize_t result, size_t asked)
{
	return watched() ? output_ended(id, CALL_SITE, fd, result, asked) : result;
}

/* What asks whether a connection was made: SO_ERROR, getpeername, connect again (connect(2)). */
static inline int connection_asked(int fd, int result)
{
	struct fd_record *r = watched() ? fd_find(fd) : NULL;
	if (unlikely(r && (GET(r->owes) & CONNECTING)))
		atomic_fetch_and(&r->owes, (uint8_t)~CONNECTING);
	return result;
}

static inline int connected(int fd, int result)
{
	struct fd_record *r = watched() ? fd_find(fd) : NULL;
	connection_asked(fd, result);
	if (r && result < 0 && errno == EINPROGRESS) {
		PUT(r->mask, 0); /* what was reported before is of no interest */
		atomic_fetch_or(&r->owes, CONNECTING);
	} else if (r) {
		attempted(fd, OUTPUT, result, 1);
	}
	return result;
}

IN_WRAPPER ssize_t used(int fd, ssize_t result)
{
	if (watched())
		attempted(fd, OTHER_USE, result, 1);
	return result;
}

/* The bytes of a vector the kernel just read. */
static inline size_t vector_size(const struct iovec *vector, size_t count, ssize_t result)
{
	size_t size = 0;
	for (size_t i = 0; result > 0 && i < count; i++)
		size += vector[i].iov_len;
	return size;
}

static inline size_t message_size(const struct msghdr *message, ssize_t result)
{
	return result > 0 ? vector_size(message->msg_iov, message->msg_iovlen, result) : 0;
}

/* SCM_RIGHTS (unix(7)): descriptors that arrive are born out of sight of every other call. Out of
 * line, as few messages carry any. */
static __attribute__((noinline, unused)) void descriptors_passed(
	const struct msghdr *message, bool received)
{
	struct msghdr *m = (struct msghdr *)message;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		const int *fds = (const int *)CMSG_DATA(c);
		size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t i = 0; i < count; i++)
			if (received)
				fd_born(fds[i], FD_UNKNOWN, FD_SENT, NULL);
			else
				fd_flag(fds[i], FD_SENT, true);
	}
}

IN_WRAPPER ssize_t message_input(int fd, ssize_t result, const struct msghdr *message, int flags)
{
	if (watched() && result >= 0 && message->msg_controllen)
		descriptors_passed(message, true);
	if (unlikely(flags & MSG_ERRQUEUE) && watched())
		attempted(fd, OTHER_USE, result, 1);
	size_t size = message_size(message, result);
	return input(fd, result, size ? size : 1, flags);
}

IN_WRAPPER ssize_t message_output(
	enum call_id id, int fd, ssize_t result, const struct msghdr *message)
{
	if (watched() && result >= 0 && message->msg_controllen)
		descriptors_passed(message, false);
	return output(id, fd, result, message_size(message, result));
}

IN_WRAPPER int messages_input(
	int fd, int result, const struct mmsghdr *messages, size_t count, int flags)
{
	for (int i = 0; i < result; i++)
		message_input(fd, messages[i].msg_len, &messages[i].msg_hdr, flags);
	return (int)(result > 0 ? result : input(fd, result, count, flags));
}

IN_WRAPPER int messages_output(
	enum call_id id, int fd, int result, const struct mmsghdr *messages, size_t count)
{
	for (int i = 0; watched() && i < result; i++)
		if (messages[i].msg_hdr.msg_controllen)
			descriptors_passed(&messages[i].msg_hdr, false);
	return (int)output(id, fd, result, count);
}

/* Reading SO_ERROR clears it, and with it EPOLLERR (socket(7)). */
static inline int option_read(int fd, int level, int name, int result)
{
	return level == SOL_SOCKET && name == SO_ERROR ? connection_asked(fd, (int)used(fd, result))
						       : result;
}

/* Options after which the kernel queues messages of its own (ip(7), socket(7), MSG_ZEROCOPY). */
static inline bool fills_error_queue(int level, int name)
{
	return (level == IPPROTO_IP && name == IP_RECVERR) ||
	       (level == IPPROTO_IPV6 && name == IPV6_RECVERR) ||
	       (level == SOL_SOCKET && (name == SO_TIMESTAMPING || name == SO_ZEROCOPY));
}

static inline int option_set(int fd, int level, int name, int result)
{
	if (watched() && result == 0 && unlikely(fills_error_queue(level, name)))
		fd_flag(fd, FD_ERROR_QUEUE, true);
	return result;
}

static inline int ioctl_noted(int fd, ioctl_request request, void *argument, int result)
{
	if (!watched() || result < 0)
		return result;
	if (request == FIONBIO)
		fd_flag(fd, FD_NONBLOCKING, *(const int *)argument != 0);
	else if (request == FIOCLEX || request == FIONCLEX)
		fd_flag(fd, FD_CLOSE_ON_EXEC, request == FIOCLEX);
	else if (request != FIONREAD)
		attempted(fd, OTHER_USE, result, 1);
	return result;
}

#endif

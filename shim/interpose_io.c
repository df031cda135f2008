/* Witnesses of input and output: whether a program did something about what a wait reported. On the
 * quiet path each costs one look into the table. */
#include "interpose.h"
#include "process.h"

#include <netinet/in.h>
#include <stdarg.h>

/* The real call, then the note; errno is untouched unless the note has something to look at. */
static inline ssize_t input(int fd, ssize_t result, size_t asked, int flags)
{
	if (watched())
		attempted(fd, flags & MSG_PEEK ? PEEK : INPUT, result, asked);
	return result;
}

static inline ssize_t output(int fd, ssize_t result)
{
	if (watched())
		attempted(fd, OUTPUT, result, 1);
	return result;
}

INTERPOSE ssize_t read(int fd, void *buffer, size_t size)
{
	return input(fd, REAL(read)(fd, buffer, size), size, 0);
}

INTERPOSE ssize_t __read(int fd, void *buffer, size_t size)
{
	return input(fd, REAL(__read)(fd, buffer, size), size, 0);
}

INTERPOSE ssize_t __read_chk(int fd, void *buffer, size_t size, size_t room)
{
	return input(fd, REAL(__read_chk)(fd, buffer, size, room), size, 0);
}

INTERPOSE ssize_t readv(int fd, const struct iovec *vector, int count)
{
	return input(fd, REAL(readv)(fd, vector, count), count > 0, 0);
}

INTERPOSE ssize_t recv(int fd, void *buffer, size_t size, int flags)
{
	return input(fd, REAL(recv)(fd, buffer, size, flags), size, flags);
}

INTERPOSE ssize_t __recv(int fd, void *buffer, size_t size, int flags)
{
	return input(fd, REAL(__recv)(fd, buffer, size, flags), size, flags);
}

INTERPOSE ssize_t __recv_chk(int fd, void *buffer, size_t size, size_t room, int flags)
{
	return input(fd, REAL(__recv_chk)(fd, buffer, size, room, flags), size, flags);
}

INTERPOSE ssize_t recvfrom(
	int fd, void *buffer, size_t size, int flags, struct sockaddr *address, socklen_t *length)
{
	return input(fd, REAL(recvfrom)(fd, buffer, size, flags, address, length), size, flags);
}

INTERPOSE ssize_t __recvfrom_chk(int fd, void *buffer, size_t size, size_t room, int flags,
	struct sockaddr *address, socklen_t *length)
{
	return input(fd, REAL(__recvfrom_chk)(fd, buffer, size, room, flags, address, length), size,
		flags);
}

/* SCM_RIGHTS (unix(7)): descriptors that arrive are born out of sight of every other call. */
static void descriptors_received(const struct msghdr *message)
{
	struct msghdr *m = (struct msghdr *)message;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		const int *fds = (const int *)CMSG_DATA(c);
		size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t i = 0; i < count; i++)
			fd_born(fds[i], FD_UNKNOWN, FD_SENT, NULL);
	}
}

static inline ssize_t message_input(int fd, ssize_t result, const struct msghdr *message, int flags)
{
	if (watched() && result >= 0 && message->msg_controllen)
		descriptors_received(message);
	if (unlikely(flags & MSG_ERRQUEUE) && watched())
		attempted(fd, OTHER_USE, result, 1);
	return input(fd, result, 1, flags);
}

INTERPOSE ssize_t recvmsg(int fd, struct msghdr *message, int flags)
{
	return message_input(fd, REAL(recvmsg)(fd, message, flags), message, flags);
}

INTERPOSE int recvmmsg(
	int fd, struct mmsghdr *messages, unsigned count, int flags, struct timespec *timeout)
{
	int result = REAL(recvmmsg)(fd, messages, count, flags, timeout);
	for (int i = 0; i < result; i++)
		message_input(fd, messages[i].msg_len, &messages[i].msg_hdr, flags);
	return (int)(result > 0 ? result : input(fd, result, count, flags));
}

INTERPOSE ssize_t write(int fd, const void *buffer, size_t size)
{
	return output(fd, REAL(write)(fd, buffer, size));
}

INTERPOSE ssize_t __write(int fd, const void *buffer, size_t size)
{
	return output(fd, REAL(__write)(fd, buffer, size));
}

INTERPOSE ssize_t writev(int fd, const struct iovec *vector, int count)
{
	return output(fd, REAL(writev)(fd, vector, count));
}

INTERPOSE ssize_t send(int fd, const void *buffer, size_t size, int flags)
{
	return output(fd, REAL(send)(fd, buffer, size, flags));
}

INTERPOSE ssize_t __send(int fd, const void *buffer, size_t size, int flags)
{
	return output(fd, REAL(__send)(fd, buffer, size, flags));
}

INTERPOSE ssize_t sendto(int fd, const void *buffer, size_t size, int flags,
	const struct sockaddr *address, socklen_t length)
{
	return output(fd, REAL(sendto)(fd, buffer, size, flags, address, length));
}

static void descriptors_sent(const struct msghdr *message)
{
	struct msghdr *m = (struct msghdr *)message;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		const int *fds = (const int *)CMSG_DATA(c);
		size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t i = 0; i < count; i++)
			fd_flag(fds[i], FD_SENT, true);
	}
}

INTERPOSE ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
	ssize_t result = REAL(sendmsg)(fd, message, flags);
	if (watched() && result >= 0 && message->msg_controllen)
		descriptors_sent(message);
	return output(fd, result);
}

INTERPOSE int sendmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags)
{
	int result = REAL(sendmmsg)(fd, messages, count, flags);
	for (int i = 0; watched() && i < result; i++)
		if (messages[i].msg_hdr.msg_controllen)
			descriptors_sent(&messages[i].msg_hdr);
	return (int)output(fd, result);
}

INTERPOSE ssize_t sendfile(int out, int in, off_t *offset, size_t count)
{
	ssize_t result = REAL(sendfile)(out, in, offset, count);
	return input(in, output(out, result), count, 0);
}

INTERPOSE ssize_t sendfile64(int out, int in, off64_t *offset, size_t count)
{
	ssize_t result = REAL(sendfile64)(out, in, offset, count);
	return input(in, output(out, result), count, 0);
}

INTERPOSE ssize_t splice(
	int in, off64_t *in_offset, int out, off64_t *out_offset, size_t size, unsigned flags)
{
	ssize_t result = REAL(splice)(in, in_offset, out, out_offset, size, flags);
	return output(out, input(in, result, size, 0));
}

INTERPOSE int connect(int fd, const struct sockaddr *address, socklen_t length)
{
	return (int)output(fd, REAL(connect)(fd, address, length));
}

INTERPOSE int __connect(int fd, const struct sockaddr *address, socklen_t length)
{
	return (int)output(fd, REAL(__connect)(fd, address, length));
}

static inline int used(int fd, int result)
{
	if (watched())
		attempted(fd, OTHER_USE, result, 1);
	return result;
}

INTERPOSE int shutdown(int fd, int how)
{
	return used(fd, REAL(shutdown)(fd, how));
}

INTERPOSE int getsockopt(int fd, int level, int name, void *value, socklen_t *length)
{
	int result = REAL(getsockopt)(fd, level, name, value, length);
	/* Reading SO_ERROR clears it, and with it EPOLLERR (socket(7)). */
	return level == SOL_SOCKET && name == SO_ERROR ? used(fd, result) : result;
}

/* Options after which the kernel queues messages of its own (ip(7), socket(7), MSG_ZEROCOPY). */
static bool fills_error_queue(int level, int name)
{
	return (level == IPPROTO_IP && name == IP_RECVERR) ||
	       (level == IPPROTO_IPV6 && name == IPV6_RECVERR) ||
	       (level == SOL_SOCKET && (name == SO_TIMESTAMPING || name == SO_ZEROCOPY));
}

INTERPOSE int setsockopt(int fd, int level, int name, const void *value, socklen_t length)
{
	int result = REAL(setsockopt)(fd, level, name, value, length);
	if (watched() && result == 0 && unlikely(fills_error_queue(level, name)))
		fd_flag(fd, FD_ERROR_QUEUE, true);
	return result;
}

INTERPOSE int eventfd_read(int fd, eventfd_t *value)
{
	return used(fd, REAL(eventfd_read)(fd, value));
}

INTERPOSE int eventfd_write(int fd, eventfd_t value)
{
	return used(fd, REAL(eventfd_write)(fd, value));
}

/* timerfd_create(2): setting a timer forgets the expirations that made it readable. */
INTERPOSE int timerfd_settime(
	int fd, int flags, const struct itimerspec *value, struct itimerspec *old)
{
	return used(fd, REAL(timerfd_settime)(fd, flags, value, old));
}

static int ioctl_noted(int fd, unsigned long request, void *argument, int result)
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

INTERPOSE int ioctl(int fd, unsigned long request, ...)
{
	va_list list;
	va_start(list, request);
	void *argument = va_arg(list, void *);
	va_end(list);
	return ioctl_noted(fd, request, argument, REAL(ioctl)(fd, request, argument));
}

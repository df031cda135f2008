/* Witnesses of input and output. */
#include "interpose_io.h"
#include "inherited.h"

#include <stdarg.h>

INTERPOSE ssize_t read(int fd, void *buffer, size_t size)
{
	if (likely(!witnessed(fd)))
		return REAL(read)(fd, buffer, size);
	input_begins(CALL_read, CALL_SITE, fd, 0);
	return input(fd, TRACED(read, fd, (fd, buffer, size)), size, 0);
}

INTERPOSE ssize_t __read(int fd, void *buffer, size_t size)
{
	if (likely(!witnessed(fd)))
		return REAL(__read)(fd, buffer, size);
	input_begins(CALL___read, CALL_SITE, fd, 0);
	return input(fd, TRACED(__read, fd, (fd, buffer, size)), size, 0);
}

INTERPOSE ssize_t __read_chk(int fd, void *buffer, size_t size, size_t room)
{
	if (likely(!witnessed(fd)))
		return REAL(__read_chk)(fd, buffer, size, room);
	input_begins(CALL___read_chk, CALL_SITE, fd, 0);
	return input(fd, TRACED(__read_chk, fd, (fd, buffer, size, room)), size, 0);
}

INTERPOSE ssize_t readv(int fd, const struct iovec *vector, int count)
{
	if (likely(!witnessed(fd)))
		return REAL(readv)(fd, vector, count);
	input_begins(CALL_readv, CALL_SITE, fd, 0);
	ssize_t result = TRACED(readv, fd, (fd, vector, count));
	size_t size = vector_size(vector, (size_t)count, result);
	return input(fd, result, size ? size : count > 0, 0);
}

INTERPOSE ssize_t recv(int fd, void *buffer, size_t size, int flags)
{
	if (likely(!witnessed(fd)))
		return REAL(recv)(fd, buffer, size, flags);
	input_begins(CALL_recv, CALL_SITE, fd, flags);
	return input(fd, TRACED(recv, fd, (fd, buffer, size, flags)), size, flags);
}

INTERPOSE ssize_t __recv(int fd, void *buffer, size_t size, int flags)
{
	if (likely(!witnessed(fd)))
		return REAL(__recv)(fd, buffer, size, flags);
	input_begins(CALL___recv, CALL_SITE, fd, flags);
	return input(fd, TRACED(__recv, fd, (fd, buffer, size, flags)), size, flags);
}

INTERPOSE ssize_t __recv_chk(int fd, void *buffer, size_t size, size_t room, int flags)
{
	if (likely(!witnessed(fd)))
		return REAL(__recv_chk)(fd, buffer, size, room, flags);
	input_begins(CALL___recv_chk, CALL_SITE, fd, flags);
	return input(fd, TRACED(__recv_chk, fd, (fd, buffer, size, room, flags)), size, flags);
}

INTERPOSE ssize_t recvfrom(
	int fd, void *buffer, size_t size, int flags, struct sockaddr *address, socklen_t *length)
{
	if (likely(!witnessed(fd)))
		return REAL(recvfrom)(fd, buffer, size, flags, address, length);
	input_begins(CALL_recvfrom, CALL_SITE, fd, flags);
	return input(
		fd, TRACED(recvfrom, fd, (fd, buffer, size, flags, address, length)), size, flags);
}

INTERPOSE ssize_t __recvfrom_chk(int fd, void *buffer, size_t size, size_t room, int flags,
	struct sockaddr *address, socklen_t *length)
{
	if (likely(!witnessed(fd)))
		return REAL(__recvfrom_chk)(fd, buffer, size, room, flags, address, length);
	input_begins(CALL___recvfrom_chk, CALL_SITE, fd, flags);
	return input(fd,
		TRACED(__recvfrom_chk, fd, (fd, buffer, size, room, flags, address, length)), size,
		flags);
}

INTERPOSE ssize_t recvmsg(int fd, struct msghdr *message, int flags)
{
	return message_input(fd, TRACED(recvmsg, fd, (fd, message, flags)), message, flags);
}

INTERPOSE int recvmmsg(int fd, struct mmsghdr *messages, unsigned count, message_flags flags,
	struct timespec *timeout)
{
	int result = TRACED(recvmmsg, fd, (fd, messages, count, flags, timeout));
	return messages_input(fd, result, messages, count, flags);
}

INTERPOSE ssize_t write(int fd, const void *buffer, size_t size)
{
	if (likely(!output_witnessed(fd, 0)))
		return REAL(write)(fd, buffer, size);
	output_begins(CALL_write, CALL_SITE, fd, size, 0);
	return output(CALL_write, fd, TRACED(write, fd, (fd, buffer, size)), size);
}

INTERPOSE ssize_t __write(int fd, const void *buffer, size_t size)
{
	if (likely(!output_witnessed(fd, 0)))
		return REAL(__write)(fd, buffer, size);
	output_begins(CALL___write, CALL_SITE, fd, size, 0);
	return output(CALL___write, fd, TRACED(__write, fd, (fd, buffer, size)), size);
}

INTERPOSE ssize_t writev(int fd, const struct iovec *vector, int count)
{
	if (likely(!output_witnessed(fd, 0)))
		return REAL(writev)(fd, vector, count);
	output_begins(CALL_writev, CALL_SITE, fd, 0, 0);
	ssize_t result = TRACED(writev, fd, (fd, vector, count));
	return output(CALL_writev, fd, result, vector_size(vector, (size_t)count, result));
}

INTERPOSE ssize_t send(int fd, const void *buffer, size_t size, int flags)
{
	if (likely(!output_witnessed(fd, flags)))
		return REAL(send)(fd, buffer, size, flags);
	output_begins(CALL_send, CALL_SITE, fd, size, flags);
	return output(CALL_send, fd, TRACED(send, fd, (fd, buffer, size, flags)), size);
}

INTERPOSE ssize_t __send(int fd, const void *buffer, size_t size, int flags)
{
	if (likely(!output_witnessed(fd, flags)))
		return REAL(__send)(fd, buffer, size, flags);
	output_begins(CALL___send, CALL_SITE, fd, size, flags);
	return output(CALL___send, fd, TRACED(__send, fd, (fd, buffer, size, flags)), size);
}

INTERPOSE ssize_t sendto(int fd, const void *buffer, size_t size, int flags,
	const struct sockaddr *address, socklen_t length)
{
	if (likely(!output_witnessed(fd, flags)))
		return REAL(sendto)(fd, buffer, size, flags, address, length);
	output_begins(CALL_sendto, CALL_SITE, fd, size, flags);
	return output(CALL_sendto, fd,
		TRACED(sendto, fd, (fd, buffer, size, flags, address, length)), size);
}

INTERPOSE ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
	return message_output(CALL_sendmsg, fd, TRACED(sendmsg, fd, (fd, message, flags)), message);
}

INTERPOSE int sendmmsg(int fd, struct mmsghdr *messages, unsigned count, message_flags flags)
{
	return messages_output(CALL_sendmmsg, fd,
		TRACED(sendmmsg, fd, (fd, messages, count, flags)), messages, count);
}

INTERPOSE int __sendmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags)
{
	return messages_output(CALL___sendmmsg, fd,
		TRACED(__sendmmsg, fd, (fd, messages, count, flags)), messages, count);
}

INTERPOSE ssize_t sendfile(int out, int in, off_t *offset, size_t count)
{
	ssize_t result = TRANSFERRED(sendfile, in, out, (out, in, offset, count));
	return input(in, output(CALL_sendfile, out, result, result < 0 ? count : 0), count, 0);
}

INTERPOSE ssize_t sendfile64(int out, int in, off64_t *offset, size_t count)
{
	ssize_t result = TRANSFERRED(sendfile64, in, out, (out, in, offset, count));
	return input(in, output(CALL_sendfile64, out, result, result < 0 ? count : 0), count, 0);
}

INTERPOSE ssize_t splice(
	int in, off64_t *in_offset, int out, off64_t *out_offset, size_t size, unsigned flags)
{
	ssize_t result =
		TRANSFERRED(splice, in, out, (in, in_offset, out, out_offset, size, flags));
	return output(CALL_splice, out, input(in, result, size, 0), 0);
}

/* tee(2) takes nothing from its source. */
INTERPOSE ssize_t tee(int in, int out, size_t size, unsigned flags)
{
	ssize_t result = TRANSFERRED(tee, in, out, (in, out, size, flags));
	return output(CALL_tee, out, used(in, result), 0);
}

INTERPOSE ssize_t vmsplice(int fd, const struct iovec *vector, size_t count, unsigned flags)
{
	return output(CALL_vmsplice, fd, TRACED(vmsplice, fd, (fd, vector, count, flags)), 0);
}

INTERPOSE int connect(int fd, const struct sockaddr *address, socklen_t length)
{
	return connected(fd, TRACED(connect, fd, (fd, address, length)));
}

INTERPOSE int __connect(int fd, const struct sockaddr *address, socklen_t length)
{
	return connected(fd, TRACED(__connect, fd, (fd, address, length)));
}

INTERPOSE int shutdown(int fd, int how)
{
	if (likely(!witnessed(fd)))
		return REAL(shutdown)(fd, how);
	int result = (int)used(fd, TRACED(shutdown, fd, (fd, how)));
	return (int)output(CALL_shutdown, fd, connection_asked(fd, result), 0); /* owes nothing */
}

INTERPOSE int getsockopt(int fd, int level, int name, void *value, socklen_t *length)
{
	return option_read(
		fd, level, name, TRACED(getsockopt, fd, (fd, level, name, value, length)));
}

INTERPOSE int getpeername(int fd, struct sockaddr *address, socklen_t *length)
{
	return connection_asked(fd, TRACED(getpeername, fd, (fd, address, length)));
}

INTERPOSE int setsockopt(int fd, int level, int name, const void *value, socklen_t length)
{
	return option_set(
		fd, level, name, TRACED(setsockopt, fd, (fd, level, name, value, length)));
}

INTERPOSE int eventfd_read(int fd, eventfd_t *value)
{
	if (likely(!witnessed(fd)))
		return REAL(eventfd_read)(fd, value);
	return used(fd, TRACED(eventfd_read, fd, (fd, value)));
}

INTERPOSE int eventfd_write(int fd, eventfd_t value)
{
	if (likely(!witnessed(fd)))
		return REAL(eventfd_write)(fd, value);
	return used(fd, TRACED(eventfd_write, fd, (fd, value)));
}

/* timerfd_create(2): setting a timer forgets the expirations that made it readable. */
INTERPOSE int timerfd_settime(
	int fd, int flags, const struct itimerspec *value, struct itimerspec *old)
{
	if (likely(!witnessed(fd)))
		return REAL(timerfd_settime)(fd, flags, value, old);
	return used(fd, TRACED(timerfd_settime, fd, (fd, flags, value, old)));
}

INTERPOSE int ioctl(int fd, ioctl_request request, ...)
{
	va_list list;
	va_start(list, request);
	void *argument = va_arg(list, void *);
	va_end(list);
	bool flag = request == FIONBIO && inherited_number(fd);
	if (flag)
		inherited_setting(fd);
	int result = ioctl_noted(fd, request, argument, TRACED(ioctl, fd, (fd, request, argument)));
	if (flag && result == 0)
		inherited_set(fd, *(const int *)argument, CALL_ioctl, CALL_SITE);
	return result;
}

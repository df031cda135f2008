/* The time64 entry points of 32-bit C libraries, which programs built with -D_TIME_BITS=64 call in
 * place of the plain names. fcntl's and prctl's are with the plain ones: their arguments are the
 * same. */
#include "interpose_io.h"

#include <stdarg.h>

#ifdef TIME64

/* --- judged --- */

INTERPOSE int __ppoll64(
	struct pollfd *fds, nfds_t nfds, const struct timespec64 *timeout, const sigset_t *sigmask)
{
	if (!watched())
		return REAL(__ppoll64)(fds, nfds, timeout, sigmask);
	struct call c;
	poll_begins(&c, CALL___ppoll64, CALL_SITE, fds, nfds);
	wait_until(&c, timeout, sigmask);
	wait_begins(&c);
	c.result = REAL(__ppoll64)(fds, nfds, timeout, sigmask);
	return poll_ended(&c);
}

INTERPOSE int __ppoll64_chk(struct pollfd *fds, nfds_t nfds, const struct timespec64 *timeout,
	const sigset_t *sigmask, size_t size)
{
	if (!watched())
		return REAL(__ppoll64_chk)(fds, nfds, timeout, sigmask, size);
	struct call c;
	poll_begins(&c, CALL___ppoll64_chk, CALL_SITE, fds, nfds);
	wait_until(&c, timeout, sigmask);
	c.size = size;
	wait_begins(&c);
	c.result = REAL(__ppoll64_chk)(fds, nfds, timeout, sigmask, size);
	return poll_ended(&c);
}

INTERPOSE int __select64(
	int nfds, fd_set *readfds, fd_set *writefds, fd_set *exceptfds, struct timeval64 *timeout)
{
	if (!watched())
		return REAL(__select64)(nfds, readfds, writefds, exceptfds, timeout);
	struct call c;
	call_begun(&c, CALL___select64, CALL_SITE);
	c.unit = TIMEVAL;
	c.timeout = timeout;
	struct asked asked;
	select_begins(&c, nfds, readfds, writefds, exceptfds, &asked);
	c.result = REAL(__select64)(nfds, readfds, writefds, exceptfds, timeout);
	return select_ended(&c);
}

INTERPOSE int __pselect64(int nfds, fd_set *readfds, fd_set *writefds, fd_set *exceptfds,
	const struct timespec64 *timeout, const sigset_t *sigmask)
{
	if (!watched())
		return REAL(__pselect64)(nfds, readfds, writefds, exceptfds, timeout, sigmask);
	struct call c;
	call_begun(&c, CALL___pselect64, CALL_SITE);
	wait_until(&c, timeout, sigmask);
	struct asked asked;
	select_begins(&c, nfds, readfds, writefds, exceptfds, &asked);
	c.result = REAL(__pselect64)(nfds, readfds, writefds, exceptfds, timeout, sigmask);
	return select_ended(&c);
}

INTERPOSE int __epoll_pwait2_time64(int epfd, struct epoll_event *events, int maxevents,
	const struct timespec64 *timeout, const sigset_t *sigmask)
{
	if (!watched())
		return REAL(__epoll_pwait2_time64)(epfd, events, maxevents, timeout, sigmask);
	struct call c;
	epoll_wait_begins(&c, CALL___epoll_pwait2_time64, CALL_SITE, epfd, events, maxevents);
	wait_until(&c, timeout, sigmask);
	wait_begins(&c);
	c.result = REAL(__epoll_pwait2_time64)(epfd, events, maxevents, timeout, sigmask);
	return epoll_wait_ended(&c);
}

/* --- witnessed --- */

INTERPOSE int __timerfd_settime64(
	int fd, int flags, const struct itimerspec64 *value, struct itimerspec64 *old)
{
	return used(fd, TRACED(__timerfd_settime64, fd, (fd, flags, value, old)));
}

INTERPOSE int __ioctl_time64(int fd, unsigned long request, ...)
{
	va_list list;
	va_start(list, request);
	void *argument = va_arg(list, void *);
	va_end(list);
	return ioctl_noted(
		fd, request, argument, TRACED(__ioctl_time64, fd, (fd, request, argument)));
}

INTERPOSE ssize_t __recvmsg64(int fd, struct msghdr *message, int flags)
{
	return message_input(fd, TRACED(__recvmsg64, fd, (fd, message, flags)), message, flags);
}

INTERPOSE int __recvmmsg64(
	int fd, struct mmsghdr *messages, unsigned count, int flags, struct timespec64 *timeout)
{
	int result = TRACED(__recvmmsg64, fd, (fd, messages, count, flags, timeout));
	return messages_input(fd, result, messages, count, flags);
}

INTERPOSE ssize_t __sendmsg64(int fd, const struct msghdr *message, int flags)
{
	return message_output(
		CALL___sendmsg64, fd, TRACED(__sendmsg64, fd, (fd, message, flags)), message);
}

INTERPOSE int __sendmmsg64(int fd, struct mmsghdr *messages, unsigned count, int flags)
{
	return messages_output(CALL___sendmmsg64, fd,
		TRACED(__sendmmsg64, fd, (fd, messages, count, flags)), messages, count);
}

INTERPOSE int __getsockopt64(int fd, int level, int name, void *value, socklen_t *length)
{
	return option_read(
		fd, level, name, TRACED(__getsockopt64, fd, (fd, level, name, value, length)));
}

INTERPOSE int __setsockopt64(int fd, int level, int name, const void *value, socklen_t length)
{
	return option_set(
		fd, level, name, TRACED(__setsockopt64, fd, (fd, level, name, value, length)));
}

#endif

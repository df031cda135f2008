/* The judged calls: select, poll, epoll_wait and their kin. A wrapper fills one struct call, makes
 * the real call and hands the answer to the judge; it decides nothing itself. */
#include "interpose.h"

/* --- poll(2) --- */

INTERPOSE int poll(struct pollfd *fds, nfds_t nfds, int timeout)
{
	if (!watched())
		return REAL(poll)(fds, nfds, timeout);
	struct call c;
	poll_begins(&c, CALL_poll, CALL_SITE, fds, nfds);
	wait_in(&c, timeout);
	wait_begins(&c);
	c.result = REAL(poll)(fds, nfds, timeout);
	return poll_ended(&c);
}

INTERPOSE int __poll(struct pollfd *fds, nfds_t nfds, int timeout)
{
	if (!watched())
		return REAL(__poll)(fds, nfds, timeout);
	struct call c;
	poll_begins(&c, CALL___poll, CALL_SITE, fds, nfds);
	wait_in(&c, timeout);
	wait_begins(&c);
	c.result = REAL(__poll)(fds, nfds, timeout);
	return poll_ended(&c);
}

INTERPOSE int __poll_chk(struct pollfd *fds, nfds_t nfds, int timeout, size_t size)
{
	if (!watched())
		return REAL(__poll_chk)(fds, nfds, timeout, size);
	struct call c;
	poll_begins(&c, CALL___poll_chk, CALL_SITE, fds, nfds);
	wait_in(&c, timeout);
	c.size = size;
	wait_begins(&c);
	c.result = REAL(__poll_chk)(fds, nfds, timeout, size);
	return poll_ended(&c);
}

INTERPOSE int ppoll(
	struct pollfd *fds, nfds_t nfds, const struct timespec *timeout, const sigset_t *sigmask)
{
	if (!watched())
		return REAL(ppoll)(fds, nfds, timeout, sigmask);
	struct call c;
	poll_begins(&c, CALL_ppoll, CALL_SITE, fds, nfds);
	wait_until(&c, timeout, sigmask);
	wait_begins(&c);
	c.result = REAL(ppoll)(fds, nfds, timeout, sigmask);
	return poll_ended(&c);
}

INTERPOSE int __ppoll_chk(struct pollfd *fds, nfds_t nfds, const struct timespec *timeout,
	const sigset_t *sigmask, size_t size)
{
	if (!watched())
		return REAL(__ppoll_chk)(fds, nfds, timeout, sigmask, size);
	struct call c;
	poll_begins(&c, CALL___ppoll_chk, CALL_SITE, fds, nfds);
	wait_until(&c, timeout, sigmask);
	c.size = size;
	wait_begins(&c);
	c.result = REAL(__ppoll_chk)(fds, nfds, timeout, sigmask, size);
	return poll_ended(&c);
}

/* --- select(2) --- */

INTERPOSE int select(
	int nfds, fd_set *readfds, fd_set *writefds, fd_set *exceptfds, struct timeval *timeout)
{
	if (!watched())
		return REAL(select)(nfds, readfds, writefds, exceptfds, timeout);
	struct call c;
	call_begun(&c, CALL_select, CALL_SITE);
	c.unit = TIMEVAL;
	c.timeout = timeout;
	struct asked asked;
	select_begins(&c, nfds, readfds, writefds, exceptfds, &asked);
	c.result = REAL(select)(nfds, readfds, writefds, exceptfds, timeout);
	return select_ended(&c);
}

INTERPOSE int __select(
	int nfds, fd_set *readfds, fd_set *writefds, fd_set *exceptfds, struct timeval *timeout)
{
	if (!watched())
		return REAL(__select)(nfds, readfds, writefds, exceptfds, timeout);
	struct call c;
	call_begun(&c, CALL___select, CALL_SITE);
	c.unit = TIMEVAL;
	c.timeout = timeout;
	struct asked asked;
	select_begins(&c, nfds, readfds, writefds, exceptfds, &asked);
	c.result = REAL(__select)(nfds, readfds, writefds, exceptfds, timeout);
	return select_ended(&c);
}

INTERPOSE int pselect(int nfds, fd_set *readfds, fd_set *writefds, fd_set *exceptfds,
	const struct timespec *timeout, const sigset_t *sigmask)
{
	if (!watched())
		return REAL(pselect)(nfds, readfds, writefds, exceptfds, timeout, sigmask);
	struct call c;
	call_begun(&c, CALL_pselect, CALL_SITE);
	c.unit = TIMESPEC;
	c.timeout = timeout;
	struct asked asked;
	c.sigmask = sigmask;
	select_begins(&c, nfds, readfds, writefds, exceptfds, &asked);
	c.result = REAL(pselect)(nfds, readfds, writefds, exceptfds, timeout, sigmask);
	return select_ended(&c);
}

/* FD_SET and its kin ask these under -D_FORTIFY_SOURCE, and they abort: speak before they do. */
INTERPOSE long __fdelt_chk(long number)
{
	if (watched() && unlikely(number < 0 || number >= FD_SETSIZE))
		judge_fdelt(number, CALL___fdelt_chk, CALL_SITE);
	return REAL(__fdelt_chk)(number);
}

INTERPOSE long __fdelt_warn(long number)
{
	if (watched() && unlikely(number < 0 || number >= FD_SETSIZE))
		judge_fdelt(number, CALL___fdelt_warn, CALL_SITE);
	return REAL(__fdelt_warn)(number);
}

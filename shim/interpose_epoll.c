/* The judged calls of epoll(7). */
#include "interpose.h"

static inline int create_ended(struct call *c, unsigned flags)
{
	call_returned(c);
	if (c->result >= 0)
		interest_instance_born(
			(int)c->result, fd_born((int)c->result, FD_EPOLL, flags, c->site));
	return call_ended(c);
}

INTERPOSE int epoll_create(int size)
{
	if (!watched())
		return REAL(epoll_create)(size);
	struct call c;
	call_begun(&c, CALL_epoll_create, CALL_SITE);
	c.nfds = size;
	call_begins(&c);
	c.result = REAL(epoll_create)(size);
	return create_ended(&c, 0);
}

INTERPOSE int epoll_create1(int flags)
{
	if (!watched())
		return REAL(epoll_create1)(flags);
	struct call c;
	call_begun(&c, CALL_epoll_create1, CALL_SITE);
	c.nfds = flags;
	call_begins(&c);
	c.result = REAL(epoll_create1)(flags);
	return create_ended(&c, flags & EPOLL_CLOEXEC ? FD_CLOSE_ON_EXEC : 0);
}

INTERPOSE int epoll_ctl(int epfd, int op, int fd, struct epoll_event *event)
{
	if (!watched())
		return REAL(epoll_ctl)(epfd, op, fd, event);
	struct call c;
	call_begun(&c, CALL_epoll_ctl, CALL_SITE);
	c.epfd = epfd;
	c.op = op;
	c.fd = fd;
	c.array = event;
	struct change change;
	interest_begun(&change, epfd, fd);
	call_begins(&c);
	c.result = REAL(epoll_ctl)(epfd, op, fd, event);
	call_returned(&c);
	judge_ctl(&c, &change);
	return call_ended(&c);
}

INTERPOSE int epoll_wait(int epfd, struct epoll_event *events, int maxevents, int timeout)
{
	if (!watched())
		return REAL(epoll_wait)(epfd, events, maxevents, timeout);
	struct call c;
	epoll_wait_begins(&c, CALL_epoll_wait, CALL_SITE, epfd, events, maxevents);
	wait_in(&c, timeout);
	wait_begins(&c);
	c.result = REAL(epoll_wait)(epfd, events, maxevents, timeout);
	return epoll_wait_ended(&c);
}

INTERPOSE int epoll_pwait(
	int epfd, struct epoll_event *events, int maxevents, int timeout, const sigset_t *sigmask)
{
	if (!watched())
		return REAL(epoll_pwait)(epfd, events, maxevents, timeout, sigmask);
	struct call c;
	epoll_wait_begins(&c, CALL_epoll_pwait, CALL_SITE, epfd, events, maxevents);
	wait_in(&c, timeout);
	c.sigmask = sigmask;
	wait_begins(&c);
	c.result = REAL(epoll_pwait)(epfd, events, maxevents, timeout, sigmask);
	return epoll_wait_ended(&c);
}

INTERPOSE int epoll_pwait2(int epfd, struct epoll_event *events, int maxevents,
	const struct timespec *timeout, const sigset_t *sigmask)
{
	if (!watched())
		return REAL(epoll_pwait2)(epfd, events, maxevents, timeout, sigmask);
	struct call c;
	epoll_wait_begins(&c, CALL_epoll_pwait2, CALL_SITE, epfd, events, maxevents);
	wait_until(&c, timeout, sigmask);
	wait_begins(&c);
	c.result = REAL(epoll_pwait2)(epfd, events, maxevents, timeout, sigmask);
	return epoll_wait_ended(&c);
}

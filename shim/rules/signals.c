/* Rules about waits that signals end. */
#include "signals.h"
#include "rules.h"

/* Handlers of faults do not return to the wait, and profilers and debuggers want nothing of it. */
static bool may_want_the_loop(int number)
{
	static const int others[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS, SIGABRT,
		SIGPROF, SIGVTALRM, SIGPIPE, SIGCONT, SIGTSTP, SIGTTIN, SIGTTOU};
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		if (others[i] == number)
			return false;
	return number != 32 && number != 33; /* the C library's own (nptl(7)) */
}

/* A signal that is caught to end system calls, as its handler asks for no restart, and that is let
 * through just now; 0: none. */
static int ends_waits(void)
{
	struct signal_action action;
	uint64_t blocked = signals_blocked();
	for (int number = 1; number <= SIGNALS; number++)
		if (may_want_the_loop(number) && !(blocked >> (number - 1) & 1) &&
			signal_action_of(number, &action) && signal_is_caught(&action) &&
			!(action.flags & SA_RESTART))
			return number;
	return 0;
}

/* What a handler can write to, so that the wait returns however the signal fell. */
static bool may_be_written_by_a_handler(int fd)
{
	struct fd_record *r = fd_find(fd);
	if (!r || !fd_alive(r))
		return false;
	enum fd_kind kind = fd_kind(fd);
	return kind != FD_TCP && kind != FD_UDP && kind != FD_LISTENER && kind != FD_TTY &&
	       kind != FD_INOTIFY && kind != FD_REGULAR && kind != FD_DIRECTORY;
}

enum { MEMBERS_MOST = 1024 }; /* of larger sets it is supposed that one is for wake-ups */

static bool poll_has_one(const struct call *c)
{
	const struct pollfd *fds = c->array; /* the kernel copied it before it slept */
	for (int64_t i = 0; i < c->nfds; i++)
		if (fds[i].fd >= 0 && may_be_written_by_a_handler(fds[i].fd))
			return true;
	return false;
}

static bool sets_have_one(const struct call *c)
{
	for (int fd = 0; fd < c->nfds; fd++)
		for (int i = 0; i < 3; i++)
			if (c->sets[i] && FD_ISSET(fd, c->sets[i]) &&
				may_be_written_by_a_handler(fd))
				return true;
	return false;
}

static bool instance_has_one(const struct call *c)
{
	uint16_t instance = interest_instance(c->epfd, false);
	if (!instance || fd_highest() >= MEMBERS_MOST)
		return true;
	for (int fd = 0; fd <= fd_highest(); fd++)
		if (interest_of(instance, fd) && may_be_written_by_a_handler(fd))
			return true;
	return false;
}

/* The wait did end with EINTR, so that some handler ran and returned. Had its signal come before
 * the wait began, nothing would have ended it. */
bool rule_sigmask_race(const struct call *c, struct evidence *e)
{
	bool limit = c->unit == MILLISECONDS ? c->milliseconds >= 0 : c->timeout != NULL;
	if (c->sigmask || limit || (c->epfd < 0 && c->nfds > MEMBERS_MOST) ||
		!may_make_system_calls() || process_confined)
		return false;
	bool wakes = c->epfd >= 0 ? instance_has_one(c)
		     : c->array   ? poll_has_one(c)
				  : sets_have_one(c);
	e->n = wakes ? 0 : ends_waits();
	return e->n != 0;
}

bool rule_eintr_fatal(const struct call *c, struct evidence *e)
{
	(void)c;
	e->confirmed_by = e->m ? "injected EINTR" : "rt_sigaction";
	return true;
}

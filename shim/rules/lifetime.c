/* Rules about registrations and the life of what is registered. */
#include "process.h"
#include "rules.h"

#include <linux/kcmp.h>

/* The slot of a registration keeps what was last registered by the number. */
static void earlier_file(struct evidence *e, uint16_t instance)
{
	e->reused = true;
	e->registration = interest_slot(instance, e->fd);
}

bool rule_del_after_close(const struct call *c, struct evidence *e)
{
	struct fd_record *r = c->id == CALL_epoll_ctl ? fd_find(c->fd) : NULL;
	if (!r || (c->op != EPOLL_CTL_DEL && c->op != EPOLL_CTL_MOD))
		return false;
	bool closed = (GET(r->state) & 3) == FD_CLOSED;
	if (c->error == EBADF && closed && interest_instance(c->epfd, false))
		e->why = "was closed before";
	else if (c->error == ENOENT && c->op == EPOLL_CTL_DEL &&
		 interest_was_registered(interest_instance(c->epfd, false), c->fd))
		e->why = "is not registered; the number was closed and has been reused since",
		earlier_file(e, interest_instance(c->epfd, false));
	return e->why != NULL;
}

static const char *already_registered(struct evidence *e)
{
	struct registration *g = e->registration;
	if (!g || GET(g->uncertain))
		return NULL;
	/* Asking for what is in force already harms nobody; nor does another generation of it in
	 * the data, by which libev tells stale events. */
	if (GET(g->events) == self.ctl_event.events) {
		if (GET(g->data) == self.ctl_event.data.u64)
			return NULL;
		e->severity = NOTE;
	}
	e->mask = GET(g->events);
	return "it was registered already, and what was asked then stays in force";
}

bool rule_ctl_error_ignored(const struct call *c, struct evidence *e)
{
	struct fd_record *r = (struct fd_record *)e->record;
	bool closed = r && (GET(r->state) & 3) == FD_CLOSED;
	switch (c->error) {
	case EEXIST:
		e->why = already_registered(e);
		break;
	case ENOENT:
		e->why = "it is not registered with this instance, so its events never arrive";
		e->severity = NOTE; /* some modify just in case */
		break;
	case EBADF:
		e->severity =
			NOTE; /* nothing exists that could be watched, and the user may be told */
		e->why = closed ? "it was closed before, so nothing is watched"
				: "it is not open, so nothing is watched";
		break;
	case EINVAL:
		e->why = "the request makes no sense to the kernel, so nothing is watched";
		break;
	case ENOSPC:
	case ENOMEM:
		e->why = "the kernel's limit on watches or memory is reached, so it is not watched";
		break;
	default:
		break;
	}
	return e->why != NULL;
}

bool rule_half_close(const struct call *c, struct evidence *e)
{
	(void)c;
	int bytes = 0;
	enum fd_kind kind = may_make_system_calls() ? fd_kind(e->fd) : FD_UNKNOWN;
	bool stream =
		kind == FD_TCP || kind == FD_UNIX_STREAM || kind == FD_PIPE || kind == FD_FIFO;
	if (!stream || fd_reads_hidden(e->fd, e->record) || fd_is_shared(e->record) ||
		REAL(ioctl)(e->fd, FIONREAD, &bytes) != 0)
		return false;
	e->n = bytes;
	e->confirmed_by = "FIONREAD";
	return bytes > 0;
}

static bool parent_has(int fd)
{
	long parent = SYSTEM(getppid), own = SYSTEM(getpid);
	for (long number = 0; number <= STDERR_FILENO; number++)
		if (SYSTEM(kcmp, parent, own, (long)KCMP_FILE, number, (long)fd) == 0)
			return true;
	return false;
}

/* The program executed gets it for certain. When this one ends, it matters to whoever has the same
 * open file description: of that only the parent can be asked, and a pipe may be this program's
 * own. */
bool rule_nonblock_left(const struct call *c, struct evidence *e)
{
	(void)c;
	bool shared = !e->n && parent_has(e->fd);
	e->why = e->n ? "another program is executed" : "the program ends";
	e->confirmed_by = shared ? "fcntl, kcmp" : "fcntl";
	if (!e->n && !shared)
		e->severity = NOTE;
	return true;
}

/* Whether the memory is freed at once, and whether it is used after, cannot be seen; only that a
 * thread that ended does not use it. */
bool rule_taken_away(const struct call *c, struct evidence *e)
{
	(void)c;
	e->severity = NOTE;
	return !e->n || !may_make_system_calls() ||
	       SYSTEM(tgkill, (long)process_pid(), (long)e->n, 0L) == 0;
}

/* Who accepts and reads at once does the same with a new connection. */
bool rule_stale_event(const struct call *c, struct evidence *e)
{
	(void)c;
	if (e->why)
		e->severity = NOTE;
	return true;
}

/* A loop that is being shut down is often closed under its thread, which is then cancelled. */
bool rule_close_while_waiting(const struct call *c, struct evidence *e)
{
	(void)c;
	if (e->waiter->call.epfd == e->fd)
		e->severity = WARNING;
	e->why = calls[e->waiter->call.id].name;
	e->n = process_tid(e->waiter->thread);
	return true;
}

/* With one thread nobody can have been given the number in between: untidy, not dangerous. */
bool rule_double_close(const struct call *c, struct evidence *e)
{
	(void)c;
	bool alone = process_thread_count() < 2;
	e->severity = alone ? NOTE : ERROR;
	e->why = alone ? "" : ", and another thread may have been given the number in between";
	return true;
}

/* A daemon's parent is gone at once, and a child is given a tenth of a second to make up its mind.
 * kcmp(2) proves that the two still share the instance; where it is missing or forbidden nothing is
 * said. */
bool rule_fork_shared(const struct call *c, struct evidence *e)
{
	if (process_child_ms() < 100 || !may_make_system_calls())
		return false;
	long parent = SYSTEM(getppid), self_id = SYSTEM(getpid), epfd = c->epfd;
	e->confirmed_by = "kcmp";
	return SYSTEM(kcmp, parent, self_id, (long)KCMP_FILE, epfd, epfd) == 0;
}

bool rule_stale_registration(const struct call *c, struct evidence *e)
{
	uint16_t instance = interest_instance(c->epfd, false);
	if (c->error != ENOENT || c->op != EPOLL_CTL_MOD || !e->record || !fd_alive(e->record) ||
		!interest_was_registered(instance, c->fd))
		return false;
	earlier_file(e, instance);
	return true;
}

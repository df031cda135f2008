/* One small printer per argument role of calls.def. */
#include "render_call.h"

#include "fetch.h"
#include "render.h"

#include <string.h>

static bool read_argument(const struct call *c, void *to, const void *from, size_t size)
{
	if (!from || from >= NOT_KEPT)
		return false;
	if (c->result < 0)
		return fetch(to, from, size);
	memcpy(to, from, size);
	return true;
}

void render_pointer(struct text *t, const void *pointer)
{
	if (pointer >= NOT_KEPT)
		text_add(t, "...");
	else
		text_add(t, pointer ? "%p" : "NULL", pointer);
}

void render_op(struct text *t, int op)
{
	static const char *const ops[] = {NULL, "EPOLL_CTL_ADD", "EPOLL_CTL_DEL", "EPOLL_CTL_MOD"};
	if (op >= 1 && op <= 3)
		text_add(t, "%s", ops[op]);
	else
		text_add(t, "%d", op);
}

static void add_event(struct text *t, const struct epoll_event *event)
{
	text_add(t, "{events=");
	render_mask(t, event->events, "EPOLL");
	text_add(t, ", data={u32=%u, u64=%llu}}", event->data.u32,
		(unsigned long long)event->data.u64);
}

static void add_asked_event(struct text *t, const struct call *c)
{
	struct epoll_event event;
	if (c->op != EPOLL_CTL_DEL && read_argument(c, &event, c->array, sizeof(event)))
		add_event(t, &event);
	else
		render_pointer(t, c->array);
}

static void add_events(struct text *t, const struct call *c, int most)
{
	const struct epoll_event *events = c->array;
	if (c->result < 0) {
		render_pointer(t, events);
		return;
	}
	text_add(t, "[");
	for (int64_t i = 0; i < c->result && i < most; i++) {
		text_add(t, i ? ", " : "");
		add_event(t, &events[i]);
	}
	text_add(t, c->result > most ? ", ...]" : "]");
}

static void add_pollfd(struct text *t, const struct pollfd *p, bool asked)
{
	text_add(t, "{fd=%d", p->fd);
	if (p->fd < 0) { /* the kernel looks at nothing else then (poll(2)) */
		text_add(t, "}");
		return;
	}
	text_add(t, asked ? ", events=" : ", revents=");
	render_mask(t, (uint16_t)(asked ? p->events : p->revents), "POLL");
	text_add(t, "}");
}

/* asked: what was given; else what came back: the entries with revents alone, as strace has it. */
static void add_pollfds(struct text *t, const struct call *c, int most, bool asked)
{
	const struct pollfd *fds = c->array;
	struct pollfd p;
	int shown = 0;
	if (!fds || (c->nfds && !read_argument(c, &p, fds, sizeof(p)))) {
		render_pointer(t, fds);
		return;
	}
	text_add(t, "[");
	for (int64_t i = 0; i < c->nfds && shown <= most; i++) {
		if (!read_argument(c, &p, &fds[i], sizeof(p)))
			break;
		if (!asked && !p.revents)
			continue;
		text_add(t, shown ? ", " : "");
		if (shown++ == most)
			text_add(t, "...");
		else
			add_pollfd(t, &p, asked);
	}
	text_add(t, "]");
}

/* select(2) alone writes over it. */
static bool timeout_known(const struct call *c, struct timeout *to)
{
	if (c->asked && (c->asked->timeout_known || c->unit == TIMEVAL)) {
		*to = c->asked->timeout;
		return c->asked->timeout_known;
	}
	if (!c->timeout || c->timeout >= NOT_KEPT)
		return false;
	if (c->result < 0)
		return fetch_timeout(c, to);
	*to = timeout_in(c, c->timeout);
	return true;
}

static void add_timeout(struct text *t, const struct call *c)
{
	struct timeout time;
	if (c->unit == MILLISECONDS) {
		text_add(t, "%d", c->milliseconds);
		return;
	}
	if (timeout_known(c, &time))
		render_time(t, c, &time);
	else
		render_pointer(t, c->timeout);
}

/* A set that is nearly full is shown by what it lacks. Real-time signals count from the kernel's
 * first, 32; SIGRTMIN is the first the C library leaves to programs (signal(7)). */
static void add_signals(struct text *t, uint64_t mask)
{
	const char *between = "";
	bool full = __builtin_popcountll(mask) >= 64 * 2 / 3;
	text_add(t, full ? "~[" : "[");
	for (int number = 1; number <= 64; number++) {
		if ((mask >> (number - 1) & 1) == full)
			continue;
		if (number > 32)
			text_add(t, "%sRT_%d", between, number - 32);
		else
			text_add(t, "%s%s", between, number == 32 ? "RTMIN" : sigabbrev_np(number));
		between = " ";
	}
	text_add(t, "]");
}

static void add_sigmask(struct text *t, const struct call *c)
{
	uint64_t mask;
	if (read_argument(c, &mask, c->sigmask, sizeof(mask)))
		add_signals(t, mask);
	else
		render_pointer(t, c->sigmask);
}

static void add_argument(struct text *t, const struct call *c, char role, int most)
{
	switch (role) {
	case 'e':
		text_add(t, "%d", c->epfd);
		break;
	case 'd':
		text_add(t, "%d", c->fd);
		break;
	case 'o':
		if (c->op >= 1 && c->op <= 3)
			render_op(t, c->op);
		else
			text_add(t, "%#x /* EPOLL_CTL_??? */", c->op);
		break;
	case 'v':
		add_asked_event(t, c);
		break;
	case 'V':
		add_events(t, c, most);
		break;
	case 'P':
		add_pollfds(t, c, most, true);
		break;
	case 'S':
		render_asked_sets(t, c, most);
		break;
	case 't':
		add_timeout(t, c);
		break;
	case 's':
		add_sigmask(t, c);
		break;
	case 'Z':
		text_add(t, "%llu", (unsigned long long)c->size);
		break;
	case 'f':
		text_add(t, c->nfds == EPOLL_CLOEXEC ? "EPOLL_CLOEXEC" : "%#llx",
			(long long)c->nfds);
		break;
	default:
		text_add(t, "%lld", (long long)c->nfds);
	}
}

static void add_result(struct text *t, const struct call *c, int most)
{
	const char *roles = calls[c->id].roles;
	if (c->result == NOT_MADE)
		return;
	if (c->asked && c->asked->pending) {
		text_add(t, " = ?"); /* strace(1) writes so what has not returned */
		return;
	}
	if (c->result < 0) {
		text_add(t, " = -1 %s (%s)", render_errno(c->error), strerrordesc_np(c->error));
		return;
	}
	text_add(t, " = %lld", (long long)c->result);
	if (c->result == 0 && c->unit != NO_TIMEOUT && c->epfd < 0)
		text_add(t, " (Timeout)");
	if (c->result > 0 && strchr(roles, 'S'))
		render_answered_sets(t, c, most);
	if (c->result > 0 && *roles == 'P') {
		text_add(t, " (");
		add_pollfds(t, c, most, false);
		text_add(t, ")");
	}
}

void render_call(struct text *t, const struct call *c, int most)
{
	const char *roles = calls[c->id].roles;
	text_add(t, "%s(", calls[c->id].name);
	for (const char *role = roles; *role; role++) {
		text_add(t, role == roles ? "" : ", ");
		add_argument(t, c, *role, most);
	}
	text_add(t, ")");
	if (!*roles)
		return;
	add_result(t, c, most);
}

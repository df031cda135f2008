/* What is left undone, when it is left. */
#include "suspects.h"

/* A byte or a counter to wake somebody up: one that is refused has woken. */
enum { TOKEN_BYTES = 8 };

static _Atomic bool remembers, oneshots, rearms;

void stall_edge_over(int fd, struct fd_record *r)
{
	if (GET(r->edge) & EDGE_SUSPECT)
		suspect_over(STALL_EDGE, fd, fd_generation(r));
	PUT(r->edge, 0);
}

/* Less than was asked for tells that there is no more, of a stream; a datagram ends where it ends.
 */
static bool is_drained(struct fd_record *r, enum attempt attempt, int64_t result, size_t asked)
{
	uint8_t kind = GET(r->kind);
	bool datagrams = kind == FD_UDP || kind == FD_UNIX_DGRAM || kind == FD_SOCKET;
	/* an eventfd or timerfd is reset by one read */
	return result < 0 || kind == FD_EVENTFD || kind == FD_TIMERFD ||
	       (attempt == INPUT && !datagrams && (size_t)result < asked) ||
	       (attempt == INPUT && result == 0);
}

void stall_input(int fd, struct fd_record *r, enum attempt attempt, int64_t result, size_t asked)
{
	uint8_t edge = GET(r->edge);
	if (result < 0 && errno == EINTR)
		return;
	if (is_drained(r, attempt, result, asked)) {
		stall_edge_over(fd, r);
		if (result > 0) /* to read once more now would block, if it can */
			PUT(r->edge, GET(r->flags) & FD_NONBLOCKING ? 0 : EDGE_TAKEN);
		return;
	}
	struct suspect *s = suspect_at(STALL_EDGE, fd);
	if ((edge & EDGE_SUSPECT) && suspect_is(s, fd, r) && GET(s->wait) != self.waits)
		PUT(remembers, true);
	PUT(r->edge, EDGE_OPEN | EDGE_TAKEN | EDGE_SUSPECT);
	suspect_noted(STALL_EDGE, fd, r, 0);
}

void stall_output(int fd, struct fd_record *r, int64_t result, size_t asked)
{
	bool refused = result < 0 && errno == EAGAIN, cut = result >= 0 && (size_t)result < asked;
	if (result < 0 && errno == EINTR)
		return;
	if (refused || cut) {
		if (asked > TOKEN_BYTES) {
			bool before = GET(r->owes) & OWES_OUTPUT; /* a retry may be refused */
			struct suspect *s = suspect_at(STALL_OUTPUT, fd);
			cut |= before && suspect_is(s, fd, r) && GET(s->detail);
			suspect_noted(STALL_OUTPUT, fd, r, cut);
			atomic_fetch_or(&r->owes, OWES_OUTPUT);
		}
	} else if (GET(r->owes) & OWES_OUTPUT) {
		atomic_fetch_and(&r->owes, (uint8_t)~OWES_OUTPUT);
		suspect_over(STALL_OUTPUT, fd, fd_generation(r));
	}
}

void stall_oneshot_fired(void)
{
	if (likely(GET(oneshots)) || atomic_exchange(&oneshots, true))
		return;
	suspect_counted(STALL_ONESHOT, 1); /* for good */
}

void stall_rearmed(void)
{
	PUT(rearms, true);
}

bool stall_remembers(void)
{
	return GET(remembers);
}

bool stall_rearms(void)
{
	return GET(rearms);
}

bool stall_oneshots(void)
{
	return GET(oneshots);
}

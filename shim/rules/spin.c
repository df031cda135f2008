/* Rules about unproductive wake-ups: what the kernel says now, and what the program tried. */
#include "process.h"
#include "rules.h"

/* Polling is safe here: the kinds whose event a poll consumes (mounts, sysctl, perf; clauses
 * RDY-CONSUMED-BY-POLL) are not among those that are counted at all. */
bool rule_confirmed(struct evidence *e)
{
	struct pollfd p = {.fd = e->fd, .events = (short)e->mask};
	struct timespec none = {0, 0};
	if (!may_make_system_calls()) {
		e->severity = NOTE;
		return true;
	}
	KEEP_ERRNO;
	e->confirmed_by = "zero-timeout poll";
	return SYSTEM(ppoll, &p, 1ul, &none, NULL, 0ul) == 1 &&
	       ((uint32_t)p.revents & e->mask) == (e->mask & 0xffff);
}

bool rule_eof(const struct call *c, struct evidence *e)
{
	(void)c;
	struct fd_record *r = (struct fd_record *)e->record;
	return (GET(r->evidence) & READ_END) && (e->mask & (POLLIN | POLLHUP | POLLRDHUP)) &&
	       rule_confirmed(e);
}

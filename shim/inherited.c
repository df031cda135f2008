/* Whether O_NONBLOCK is left on a standard descriptor that came without it. */
#include "inherited.h"

#include "judge.h"
#include "process.h"
#include "stack.h"

enum flag_at_start { NOT_ASKED, BLOCKING, NONBLOCKING };

static struct standard {
	_Atomic uint8_t at_start;
	_Atomic uint16_t site, depth; /* of the call that set it; 0: it is not set */
	_Atomic uint16_t id;
} standard[STDERR_FILENO + 1];

static bool is_inherited(int fd)
{
	struct fd_record *r = fd_find(fd);
	return r && fd_generation(r) <= 1 && (GET(r->state) & 3) != FD_CLOSED &&
	       !(GET(r->flags) & FD_BIRTH_SEEN) && may_make_system_calls() && !process_confined;
}

void inherited_setting(int fd)
{
	struct standard *s = &standard[fd];
	if (GET(s->at_start) != NOT_ASKED || !is_inherited(fd))
		return;
	KEEP_ERRNO;
	long flags = SYSTEM(fcntl, (long)fd, (long)F_GETFL);
	if (flags >= 0)
		PUT(s->at_start, flags & O_NONBLOCK ? NONBLOCKING : BLOCKING);
}

void inherited_set(int fd, bool on, enum call_id id, const void *site)
{
	struct standard *s = &standard[fd];
	if (on) {
		PUT(s->id, (uint16_t)id);
		PUT(s->depth, process_depth());
	}
	PUT(s->site, on ? site_of(site) : 0);
}

/* Of other kinds the flag means nothing. */
static bool flag_matters(enum fd_kind kind)
{
	return (kind >= FD_TCP && kind <= FD_TTY) && kind != FD_LISTENER;
}

static bool left(int fd, bool executing)
{
	struct standard *s = &standard[fd];
	return GET(s->site) && GET(s->at_start) == BLOCKING && is_inherited(fd) &&
	       (executing || GET(s->depth) == process_depth()) && flag_matters(fd_kind(fd)) &&
	       (SYSTEM(fcntl, (long)fd, (long)F_GETFL) & O_NONBLOCK) &&
	       (!executing || SYSTEM(fcntl, (long)fd, (long)F_GETFD) == 0);
}

void inherited_left(bool executing)
{
	for (int fd = 0; fd <= STDERR_FILENO; fd++) {
		uint16_t site = GET(standard[fd].site);
		if (likely(!site) || !left(fd, executing))
			continue;
		struct call c = {.id = (enum call_id)GET(standard[fd].id),
			.site = site_address(site),
			.epfd = -1,
			.fd = fd};
		struct evidence e = evidence_for(fd, -1);
		e.past = site;
		e.n = executing;
		judge(WHEN_STDIO, &c, &e);
	}
}

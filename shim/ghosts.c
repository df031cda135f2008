/* Suspected ghosts: a small table, and one reading of fdinfo (proc(5)) for all that are due. */
#include "ghosts.h"

#include "judge.h"
#include "process.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

enum {
	SUSPECTS = 64,
	DUE_MS = 100,
	FORKED_MS = 1000, /* a child has executed its program by then, on a busy machine, too */
	SHARE_OF = 100,   /* readings take at most one part in this of the time */
};

_Atomic uint32_t ghosts_suspected;
_Alignas(64) HOT _Atomic uint32_t suspicions;

static void counted(uint32_t by)
{
	atomic_fetch_add(&ghosts_suspected, by);
	atomic_fetch_add(&suspicions, by);
}

static struct suspect {
	_Atomic uint32_t taken; /* 0 free, 1 being filled, 2 valid */
	uint16_t instance;
	int fd;
	uint64_t since, data;
	struct past_life past;
} suspects[SUSPECTS];

static _Atomic uint64_t forked_at;

void ghosts_forked(void)
{
	PUT(forked_at, process_now());
}

/* Until it executes or ends, a child holds what its parent closes. */
static uint64_t due_ns(uint64_t now)
{
	return (now - GET(forked_at) < FORKED_MS * 1000000ull ? FORKED_MS : DUE_MS) * 1000000ull;
}

void ghost_suspect(int fd, struct fd_record *r, uint16_t instance)
{
	struct registration *g = fd_registration(r);
	for (int i = 0; g && i < SUSPECTS; i++) {
		uint32_t none = 0;
		struct suspect *s = &suspects[i];
		if (!atomic_compare_exchange_strong(&s->taken, &none, 1))
			continue;
		s->instance = instance;
		s->fd = fd;
		s->since = process_now();
		s->data = GET(g->data);
		s->past = (struct past_life){.registered_site = GET(g->add_site),
			.closed_site = GET(r->closed_site),
			.closed_thread = GET(r->closed_thread),
			.created_site = GET(r->created_site),
			.created_thread = GET(r->created_thread),
			.shared = GET(r->shared),
			.events = GET(g->events)};
		atomic_store(&s->taken, 2);
		counted(1);
		return;
	}
}

/* --- proven ones --- */

enum { PROVEN = 16 };
HOT _Atomic uint32_t ghosts_proven;
static struct suspect proven[PROVEN];

/* One reader of fdinfo at a time. */
static void remember(const struct suspect *s)
{
	uint32_t n = GET(ghosts_proven);
	bool number =
		s->data <= UINT32_MAX || (int32_t)s->data == s->fd; /* no pointer (judge_datum.c) */
	if (n == PROVEN || number)
		return;
	proven[n].instance = s->instance;
	proven[n].fd = s->fd;
	proven[n].data = s->data;
	proven[n].past = s->past;
	atomic_store(&ghosts_proven, n + 1);
}

void ghost_delivered(const struct call *c, uint16_t instance, const struct epoll_event *event)
{
	KEEP_ERRNO;
	for (uint32_t i = 0; i < GET(ghosts_proven); i++) {
		struct suspect *s = &proven[i];
		if (s->instance != instance || s->data != event->data.u64)
			continue;
		struct evidence e = {.fd = s->fd,
			.epfd = c->epfd,
			.past_life = &s->past,
			.mask = event->events,
			.confirmed_by = "fdinfo"};
		judge(WHEN_GHOST_EVENT, c, &e);
	}
}

/* --- the reading --- */

/* How often fdinfo of epfd names fd; -1 when it could not be read. */
static int lines_of(int epfd, int fd)
{
	char path[40], bytes[2048];
	struct text t = TEXT_IN(path);
	size_t kept = 0;
	long got;
	int found = 0;
	text_add(&t, "/proc/self/fdinfo/%d", epfd);
	long info = SYSTEM(openat, (long)AT_FDCWD, path, (long)(O_RDONLY | O_CLOEXEC), 0L);
	if (info < 0)
		return -1;
	while ((got = SYSTEM(read, info, bytes + kept, sizeof(bytes) - 1 - kept)) > 0) {
		bytes[kept + (size_t)got] = '\0';
		char *line = bytes, *end;
		for (; (end = strchr(line, '\n')); line = end + 1)
			found += strncmp(line, "tfd:", 4) == 0 && atoi(line + 4) == fd;
		kept = strlen(line);
		memmove(bytes, line, kept);
	}
	SYSTEM(close, info);
	return found;
}

static void ask(const struct call *c, struct suspect *s)
{
	bool again = interest_of(s->instance, s->fd) != NULL; /* the number was registered anew */
	int lines = lines_of(c->epfd, s->fd);
	if (lines > again) {
		struct evidence e = {.fd = s->fd,
			.epfd = c->epfd,
			.past_life = &s->past,
			.mask = s->past.events,
			.confirmed_by = "fdinfo"};
		judge(WHEN_GHOST, c, &e);
		remember(s);
	}
	atomic_store(&s->taken, 0);
	counted(~0u);
}

void ghosts_judge(const struct call *c)
{
	static _Atomic uint64_t not_before;
	static atomic_flag busy = ATOMIC_FLAG_INIT;
	uint16_t instance = interest_instance(c->epfd, false);
	uint64_t now = process_now();
	if (!instance || !may_make_system_calls() || now < GET(not_before) ||
		atomic_flag_test_and_set(&busy))
		return;
	for (int i = 0; i < SUSPECTS; i++) {
		struct suspect *s = &suspects[i];
		if (atomic_load(&s->taken) == 2 && s->instance == instance &&
			now - s->since > due_ns(now))
			ask(c, s);
	}
	uint64_t after = process_now();
	PUT(not_before, after + (after - now) * SHARE_OF);
	atomic_flag_clear(&busy);
}

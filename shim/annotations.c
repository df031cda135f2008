/* Annotations. They are rare, and may come from a signal handler: plain stores into tables. */
#include "annotations.h"

#include "interpose.h"
#include "pollcheck.h"
#include "stalls.h"

enum { IGNORED = 65536 }; /* higher numbers share a place: the last one told holds it */

/* Of an ignored descriptor: its generation plus one, and the number's high bits. */
static _Atomic uint64_t ignored[IGNORED];
/* Of an idle instance: its generation, which is never 0. */
static _Atomic uint32_t idle[INSTANCES];
static _Atomic uint32_t idle_phases;

static uint64_t life_of(int fd, const struct fd_record *r)
{
	return (uint64_t)(unsigned)fd << 32 | (uint32_t)(fd_generation(r) + 1);
}

static void ignore(int fd)
{
	struct fd_record *r = fd_seen(fd);
	if (r)
		PUT(ignored[(unsigned)fd % IGNORED], life_of(fd, r));
}

/* A finding that has no descriptor is about the instance. */
bool annotations_ignore(const struct evidence *e)
{
	int fd = e->fd >= 0 ? e->fd : e->epfd;
	struct fd_record *r = fd < 0 ? NULL : fd_find(fd);
	return r && GET(ignored[(unsigned)fd % IGNORED]) == life_of(fd, r);
}

static void drained(int fd)
{
	struct fd_record *r = fd_find(fd);
	if (!r || !fd_alive(r))
		return;
	wakeups_drained(r);
	stall_edge_over(fd, r);
}

bool annotations_idle(int epfd)
{
	uint16_t instance = epfd < 0 ? 0 : interest_instance(epfd, false);
	return instance && GET(idle[instance]) == GET(interest_instances[instance]);
}

static void expect_idle(int epfd)
{
	uint16_t instance = interest_instance(epfd, false);
	if (!instance || annotations_idle(epfd))
		return;
	PUT(idle[instance], GET(interest_instances[instance]));
	atomic_fetch_add(&idle_phases, 1);
	wakeups_look_at_each(true);
}

static void idle_over(int epfd)
{
	if (!annotations_idle(epfd))
		return;
	PUT(idle[interest_instance(epfd, false)], 0);
	wakeups_look_at_each(atomic_fetch_sub(&idle_phases, 1) > 1);
}

INTERPOSE void pollcheck_annotate(int annotation, int fd)
{
	static void (*const told[])(int) = {[POLLCHECK_IGNORE_FD] = ignore,
		[POLLCHECK_DRAINED] = drained,
		[POLLCHECK_EXPECT_IDLE] = expect_idle,
		[POLLCHECK_IDLE_OVER] = idle_over};
	KEEP_ERRNO;
	if (watched() && fd >= 0 && annotation > 0 &&
		annotation < (int)(sizeof(told) / sizeof(told[0])))
		told[annotation](fd);
}

/* A loop that fetches until a batch is not full never ends while level-triggered events are only
 * collected: they come again, in turns. One descriptor of the first batch is followed. */
#include "refetch.h"

#include "config.h"
#include "judge.h"
#include "process.h"

enum { THREADS = 1024, LOOK = 64, LEAST_MS = 100 };

static struct fetching {
	const void *site;
	int epfd, fd;
	uint32_t times;
	uint64_t since;
} fetchings[THREADS];

static void begin(struct fetching *f, const struct call *c, int fd, const struct epoll_event *event)
{
	struct fd_record *r = fd_find(fd);
	f->site = NULL;
	if (!r || !fd_alive(r) || fd_is_shared(r))
		return;
	*f = (struct fetching){.site = c->site, .epfd = c->epfd, .fd = fd};
	PUT(r->mask, (uint16_t)event->events);
	PUT(r->attention, GET(r->attention) | EVENT_DELIVERED);
}

static void look(struct fetching *f, const struct call *c)
{
	KEEP_ERRNO;
	uint64_t now = process_now();
	if (f->times <= LOOK)
		f->since = now;
	if (f->times < (uint32_t)config.spin_threshold || now - f->since < LEAST_MS * 1000000ull)
		return;
	struct evidence e = evidence_for(f->fd, c->epfd);
	e.mask = GET(((struct fd_record *)e.record)->mask);
	e.n = f->times;
	judge(WHEN_REFETCH, c, &e);
	f->site = NULL;
}

void refetched(const struct call *c, int fd, const struct epoll_event *event)
{
	uint32_t thread = process_thread();
	struct fetching *f = thread < THREADS ? &fetchings[thread] : NULL;
	if (!f)
		return;
	if (c->result < c->nfds)
		f->site = NULL;
	else if (f->site != c->site || f->epfd != c->epfd)
		begin(f, c, fd, event);
	else if (f->fd != fd)
		return;
	else if (!(GET(fd_find(fd)->attention) & EVENT_DELIVERED))
		f->site = NULL; /* it was served */
	else if (++f->times % LOOK == 0)
		look(f, c);
}

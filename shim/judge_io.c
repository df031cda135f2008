/* Input and output of descriptors that are attended. */
#include "judge.h"

#include "process.h"
#include "stack.h"
#include "stalls.h"
#include "turns.h"
#include "wakers.h"

static struct call io_call(int fd, enum call_id id, const void *site, int64_t result)
{
	return (struct call){.id = id,
		.site = site,
		.epfd = -1,
		.fd = fd,
		.result = result,
		.error = result == -1 ? errno : 0};
}

/* The rule asks the kernel, so not at each call of a loop that reads what it knows to be there. */
static void judge_blocking(int fd, struct fd_record *r, enum call_id id, const void *site)
{
	if (!site_due(site_of(site)) || fd_is_shared(r))
		return;
	KEEP_ERRNO;
	struct call c = io_call(fd, id, site, NOT_MADE);
	struct evidence e = evidence_for(fd, -1);
	judge(WHEN_BLOCKING, &c, &e);
}

static void judge_unasked(
	int fd, struct fd_record *r, enum call_id id, const void *site, int64_t result)
{
	uint32_t mask = GET(r->mask);
	if (!(mask & (POLLOUT | POLLERR | POLLHUP)) || (result < 0 && errno == EINTR))
		return; /* too early, as with TCP_FASTOPEN_CONNECT */
	struct call c = io_call(fd, id, site, result);
	KEEP_ERRNO;
	atomic_fetch_and(&r->owes, (uint8_t)~CONNECTING);
	struct evidence e = evidence_for(fd, -1);
	e.mask = mask;
	if (!fd_is_shared(r))
		judge(WHEN_UNASKED, &c, &e);
}

void input_begins(enum call_id id, const void *site, int fd, int flags)
{
	struct fd_record *r = fd_find(fd);
	if (r && unlikely(GET(r->edge) & EDGE_TAKEN) && !(flags & MSG_DONTWAIT) &&
		!(GET(r->flags) & FD_NONBLOCKING))
		judge_blocking(fd, r, id, site);
	if (r && ((GET(r->owes) & COUNTED) || GET(r->edge)))
		turn_goes_on(fd, id, site);
}

void output_begins(enum call_id id, const void *site, int fd, size_t size, int flags)
{
	struct fd_record *r = fd_find(fd);
	if (r && unlikely(GET(r->owes) & WAKES) && !(flags & MSG_DONTWAIT))
		waker_writes(fd, r, size, id, site);
}

ssize_t output_ended(enum call_id id, const void *site, int fd, ssize_t result, size_t asked)
{
	struct fd_record *r = fd_find(fd);
	if (!r) {
		if (result < 0)
			judge_beyond(fd);
		return result;
	}
	if (unlikely(result < 0 || (size_t)result < asked || GET(r->owes)))
		stall_output(fd, r, result, asked);
	if (unlikely(GET(r->owes) & CONNECTING))
		judge_unasked(fd, r, id, site, result);
	attempted(fd, OUTPUT, result, 1);
	return result;
}

/* syscall(2) for the numbers of this family: the same judgement as the library call, the same raw
 * system call. entry.S comes here for the numbers in the table below and jumps straight on for all
 * others. */
#include "entry.h"
#include "interpose.h"
#include "process.h"

#include <linux/seccomp.h>

enum { NUMBERS = 512 };

/* One bit a number, read by entry.S; filled by the constructor. */
uint64_t syscall_ours[NUMBERS / 64];

typedef long route(struct call *, long number, const long *a);

static long made(struct call *c, long number, const long *a)
{
	c->result = REAL(syscall)(number, a[0], a[1], a[2], a[3], a[4], a[5]);
	call_returned(c);
	return c->result;
}

static long judged(struct call *c, long number, const long *a)
{
	call_begins(c);
	return made(c, number, a);
}

static long waited(struct call *c, long number, const long *a)
{
	wait_begins(c);
	made(c, number, a);
	wait_returned(c);
	return c->result;
}

static long raw_poll(struct call *c, long number, const long *a)
{
	c->array = (const void *)a[0];
	c->nfds = (unsigned)a[1];
	c->unit = c->id == CALL_poll ? MILLISECONDS : TIMESPEC;
	c->milliseconds = (int)a[2];
	c->timeout = c->id == CALL_poll ? NULL : (const void *)a[2];
	if (waited(c, number, a) > 0)
		judge_poll_entries(c, c->array);
	return wait_ended(c);
}

static long raw_select(struct call *c, long number, const long *a)
{
	c->nfds = (int)a[0];
	for (int i = 0; i < 3; i++)
		c->sets[i] = (fd_set *)a[1 + i];
	c->unit = c->id == CALL_select ? TIMEVAL : TIMESPEC;
	c->timeout = (const void *)a[4];
	struct asked asked;
	judge_asked(c, &asked);
	if (waited(c, number, a) > 0)
		judge_select_sets(c);
	if (c->asked)
		judge_sampled(c);
	return wait_ended(c);
}

static long raw_epoll_wait(struct call *c, long number, const long *a)
{
	c->epfd = (int)a[0];
	c->array = (const void *)a[1];
	c->nfds = (int)a[2];
	bool milliseconds = c->id == CALL_epoll_wait || c->id == CALL_epoll_pwait;
	c->unit = milliseconds ? MILLISECONDS : TIMESPEC;
	c->milliseconds = (int)a[3];
	c->timeout = milliseconds ? NULL : (const void *)a[3];
	if (waited(c, number, a) > 0)
		judge_epoll_events(c, c->array);
	return wait_ended(c);
}

static long raw_epoll_ctl(struct call *c, long number, const long *a)
{
	c->epfd = (int)a[0];
	c->op = (int)a[1];
	c->fd = (int)a[2];
	c->array = (const void *)a[3];
	struct change change;
	interest_begun(&change, c->epfd, c->fd);
	judged(c, number, a);
	judge_ctl(c, &change);
	return call_ended(c);
}

static long raw_epoll_create(struct call *c, long number, const long *a)
{
	c->nfds = (int)a[0];
	unsigned flags =
		c->id == CALL_epoll_create1 && (a[0] & EPOLL_CLOEXEC) ? FD_CLOSE_ON_EXEC : 0;
	if (judged(c, number, a) >= 0)
		interest_instance_born(
			(int)c->result, fd_born((int)c->result, FD_EPOLL, flags, c->site));
	return call_ended(c);
}

static long raw_close(struct call *c, long number, const long *a)
{
	number_ends((int)a[0], c->id, c->site);
	fd_closing((int)a[0], c->site);
	uint64_t begin = trace_begins();
	long result = REAL(syscall)(number, a[0]);
	KEEP_ERRNO;
	if (unlikely(begin))
		trace_io(CALL_close, (int)a[0], c->site, begin, result);
	fd_closed((int)a[0], result == 0);
	return result;
}

static long raw_close_range(struct call *c, long number, const long *a)
{
	long result = REAL(syscall)(number, a[0], a[1], a[2]);
	if (result == 0 && !(a[2] & 4))
		fd_range_closed((unsigned)a[0], (unsigned)a[1], c->site);
	return result;
}

static long raw_dup(struct call *c, long number, const long *a)
{
	long result = REAL(syscall)(number, a[0], a[1], a[2]);
	if (result >= 0)
		fd_duplicated(
			(int)a[0], (int)result, c->id == CALL_dup3 && (a[2] & O_CLOEXEC), c->site);
	return result;
}

static long raw_use(struct call *c, long number, const long *a)
{
	uint64_t begin = trace_begins();
	long result = REAL(syscall)(number, a[0], a[1], a[2], a[3], a[4], a[5]);
	if (unlikely(begin))
		trace_io(c->id, (int)a[0], c->site, begin, result);
	attempted((int)a[0], OTHER_USE, result, 1);
	return result;
}

/* splice(2), tee(2), sendfile(2): something is done about both. */
static long raw_transfer(struct call *c, long number, const long *a)
{
	uint64_t begin = trace_begins();
	long result = REAL(syscall)(number, a[0], a[1], a[2], a[3], a[4], a[5]);
	bool splices = c->id == CALL_splice, sends = c->id == CALL_sendfile;
	if (unlikely(begin))
		trace_transfer(c->id, (int)a[sends ? 1 : 0], (int)a[splices ? 2 : !sends], c->site,
			begin, result);
	attempted((int)a[0], OTHER_USE, result, 1);
	attempted((int)a[splices ? 2 : 1], OTHER_USE, result, 1);
	return result;
}

static long raw_io_uring(struct call *c, long number, const long *a)
{
	(void)c;
	process_unwatched(IO_URING);
	return REAL(syscall)(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

static long raw_seccomp(struct call *c, long number, const long *a)
{
	(void)c;
	bool was = GET(process_sandboxed), filter = a[0] <= 1;
	if (filter)
		process_sandbox_begins(a[0] == SECCOMP_SET_MODE_STRICT);
	long result = REAL(syscall)(number, a[0], a[1], a[2], a[3], a[4], a[5]);
	if (filter && result < 0)
		process_sandbox_refused(was);
	return result;
}

static const struct {
	long number;
	route *route;
	enum call_id id;
} routes[] = {
#ifdef SYS_poll
	{SYS_poll, raw_poll, CALL_poll},
	{SYS_epoll_wait, raw_epoll_wait, CALL_epoll_wait},
	{SYS_epoll_create, raw_epoll_create, CALL_epoll_create},
	{SYS_dup2, raw_dup, CALL_dup2},
#endif
#ifdef SYS__newselect /* where there is one, SYS_select takes a pointer to its arguments */
	{SYS__newselect, raw_select, CALL_select},
#elif defined SYS_select
	{SYS_select, raw_select, CALL_select},
#endif
#ifdef TIME64 /* epoll_pwait2 came after time64: it knows the wider structure alone */
	{SYS_ppoll_time64, raw_poll, CALL___ppoll64},
	{SYS_pselect6_time64, raw_select, CALL___pselect64},
	{SYS_epoll_pwait2, raw_epoll_wait, CALL___epoll_pwait2_time64},
#else
	{SYS_epoll_pwait2, raw_epoll_wait, CALL_epoll_pwait2},
#endif
	{SYS_ppoll, raw_poll, CALL_ppoll},
	{SYS_pselect6, raw_select, CALL_pselect},
	{SYS_epoll_pwait, raw_epoll_wait, CALL_epoll_pwait},
	{SYS_epoll_ctl, raw_epoll_ctl, CALL_epoll_ctl},
	{SYS_epoll_create1, raw_epoll_create, CALL_epoll_create1},
	{SYS_close, raw_close, CALL_close},
	{SYS_close_range, raw_close_range, CALL_close_range},
	{SYS_dup, raw_dup, CALL_dup},
	{SYS_dup3, raw_dup, CALL_dup3},
	{SYS_read, raw_use, CALL_read},
	{SYS_readv, raw_use, CALL_readv},
	{SYS_write, raw_use, CALL_write},
	{SYS_writev, raw_use, CALL_writev},
	{SYS_recvfrom, raw_use, CALL_recvfrom},
	{SYS_recvmsg, raw_use, CALL_recvmsg},
	{SYS_sendto, raw_use, CALL_sendto},
	{SYS_sendmsg, raw_use, CALL_sendmsg},
	{SYS_accept4, raw_use, CALL_accept4},
	{SYS_recvmmsg, raw_use, CALL_recvmmsg},
	{SYS_sendmmsg, raw_use, CALL_sendmmsg},
	{SYS_connect, raw_use, CALL_connect},
	{SYS_shutdown, raw_use, CALL_shutdown},
	{SYS_preadv2, raw_use, CALL_preadv2},
	{SYS_pwritev2, raw_use, CALL_pwritev2},
	{SYS_vmsplice, raw_use, CALL_vmsplice},
	{SYS_splice, raw_transfer, CALL_splice},
	{SYS_tee, raw_transfer, CALL_tee},
	{SYS_sendfile, raw_transfer, CALL_sendfile},
	{SYS_io_uring_setup, raw_io_uring, CALL_syscall},
	{SYS_seccomp, raw_seccomp, CALL_syscall},
};
enum { ROUTES = sizeof(routes) / sizeof(routes[0]) };

/* real.syscall again, where entry.S finds it. */
void *syscall_real;

void syscall_routes_start(void)
{
	syscall_real = (void *)real.syscall;
	for (int i = 0; i < ROUTES; i++)
		syscall_ours[routes[i].number / 64] |= 1ull << (routes[i].number % 64);
}

/* From entry.S, with syscall's own arguments. */
long syscall_routed(long number, long a, long b, long c, long d, long e, long f)
{
	long arguments[6] = {a, b, c, d, e, f};
	for (int i = 0; watched() && i < ROUTES; i++)
		if (routes[i].number == number) {
			struct call call;
			call_begun(&call, routes[i].id, CALL_SITE);
			return routes[i].route(&call, number, arguments);
		}
	return REAL(syscall)(number, a, b, c, d, e, f);
}

long fail_with(int error)
{
	errno = error;
	return -1;
}

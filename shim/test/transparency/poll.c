/* poll, ppoll, their aliases, fortified names and raw numbers: every good and bad way to call them.
 */
#include "show.h"

typedef int poll_function(struct pollfd *, nfds_t, int);
typedef int ppoll_function(struct pollfd *, nfds_t, const struct timespec *, const sigset_t *);

static int fortified_poll(struct pollfd *fds, nfds_t nfds, int timeout)
{
	return __poll_chk(fds, nfds, timeout, (size_t)-1);
}

static int fortified_ppoll(
	struct pollfd *fds, nfds_t nfds, const struct timespec *timeout, const sigset_t *sigmask)
{
	return __ppoll_chk(fds, nfds, timeout, sigmask, (size_t)-1);
}

static int raw_ppoll(
	struct pollfd *fds, nfds_t nfds, const struct timespec *timeout, const sigset_t *sigmask)
{
	return syscall(SYS_ppoll, fds, nfds, timeout, sigmask, 8);
}

static const struct {
	const char *name;
	poll_function *call;
} polls[] = {
	{"poll", poll},
	{"__poll", __poll},
	{"__poll_chk", fortified_poll},
#ifdef SYS_poll
	{"syscall", NULL},
#endif
};

static const struct {
	const char *name;
	ppoll_function *call;
} ppolls[] = {
	{"ppoll", ppoll},
	{"__ppoll_chk", fortified_ppoll},
	{"syscall", raw_ppoll},
};

#ifdef SYS_poll
static int raw_poll(struct pollfd *fds, nfds_t nfds, int timeout)
{
	return syscall(SYS_poll, fds, nfds, timeout);
}
#else
#define raw_poll poll
#endif

static int ready[2], quiet[2], hung[2], broken[2];

static const short masks[] = {0, POLLIN, POLLOUT, POLLIN | POLLOUT, POLLPRI, POLLERR | POLLHUP,
	POLLNVAL, POLLRDHUP, POLLRDNORM | POLLRDBAND | POLLWRNORM | POLLWRBAND, POLLMSG, -1};

static void each_mask(const char *name, poll_function *call)
{
	const int fds[] = {
		ready[0], ready[1], quiet[0], hung[0], broken[1], CLOSED, -1, -7, INT_MAX, INT_MIN};
	for (unsigned m = 0; m < COUNT(masks); m++)
		for (unsigned f = 0; f < COUNT(fds); f++) {
			struct pollfd *fd = PLACE(0, (struct pollfd){fds[f], masks[m], 0x7a7a});
			SHOW(name, call(fd, 1, 0), "{%d, %#hx}, 1, 0", fds[f], masks[m]);
		}
}

static void each_size(const char *name, poll_function *call)
{
	struct pollfd many[] = {{ready[0], POLLIN, -1}, {-1, POLLIN, -1}, {ready[1], POLLOUT, -1},
		{ready[0], POLLIN, -1}, {CLOSED, POLLIN, -1}};
	for (nfds_t n = 0; n <= COUNT(many) + 1; n++)
		SHOW(name, call(PLACE(0, many), n, 0), "5 entries, %lu, 0", (unsigned long)n);
	const nfds_t huge[] = {1024, 1025, 100000, 1UL << 31, (1UL << 32) + 1, (1UL << 32) + 5,
		1UL << 61, ULONG_MAX};
	for (unsigned i = 0; i < COUNT(huge); i++)
		CRASH(name, call(PLACE(0, many), huge[i], 0), "5 entries, %#lx, 0",
			(unsigned long)huge[i]);
	EACH_BAD_POINTER(bad)
	{
		for (nfds_t n = 0; n < 3; n++)
			SHOW(name, call(bad->pointer, n, 0), "%s, %lu, 0", bad->name,
				(unsigned long)n);
	}
}

static void each_timeout(const char *name, poll_function *call)
{
	const int timeouts[] = {0, 1, -1, -2, INT_MIN, INT_MAX};
	for (unsigned i = 0; i < COUNT(timeouts); i++) {
		struct pollfd *fd = PLACE(0, (struct pollfd){ready[0], POLLIN, 0});
		SHOW(name, call(fd, 1, timeouts[i]), "ready, 1, %d", timeouts[i]);
	}
	SHOW(name, call(NULL, 0, 3), "NULL, 0, 3");
	SHOW(name, call(PLACE(0, (struct pollfd){quiet[0], POLLIN, 9}), 1, 3), "quiet, 1, 3");
}

static void each_timespec(const char *name, ppoll_function *call)
{
	const struct timespec times[] = {{0, 0}, {0, 1}, {0, 999999999}, {LONG_MAX, 999999999},
		{-1, 0}, {0, -1}, {0, 1000000000}, {LONG_MIN, 0}, {5, LONG_MAX}};
	for (unsigned i = 0; i < COUNT(times); i++) {
		struct pollfd *fd = PLACE(0, (struct pollfd){ready[0], POLLIN, 0});
		struct timespec *timeout = place(1, &times[i], sizeof times[i]);
		SHOW(name,
			same_or_changed(
				call(fd, 1, timeout, NULL), timeout, &times[i], sizeof *timeout),
			"ready, 1, {%ld, %ld}, NULL", (long)times[i].tv_sec, times[i].tv_nsec);
	}
	struct pollfd *fd = PLACE(0, (struct pollfd){ready[0], POLLIN, 0});
	SHOW(name, call(fd, 1, NULL, NULL), "ready, 1, NULL, NULL");
	SHOW(name, call(fd, 1, read_only(), NULL), "ready, 1, read-only, NULL");
	EACH_BAD_POINTER(bad)
	{
		SHOW(name, call(bad->pointer, 1, read_only(), NULL), "%s, 1, zero", bad->name);
		CRASH(name, call(fd, 1, bad->pointer, NULL), "ready, 1, %s, NULL", bad->name);
		SHOW(name, call(fd, 1, read_only(), bad->pointer), "ready, sigmask %s", bad->name);
	}
}

static void too_small(void)
{
	struct pollfd *fd = PLACE(0, (struct pollfd){ready[0], POLLIN, 0});
	const size_t sizes[] = {sizeof *fd, sizeof *fd - 1, 0};
	for (unsigned i = 0; i < COUNT(sizes); i++) {
		CRASH("__poll_chk", __poll_chk(fd, 1, 0, sizes[i]), "1 of %zu bytes", sizes[i]);
		CRASH("__ppoll_chk", __ppoll_chk(fd, 1, read_only(), NULL, sizes[i]),
			"1 of %zu bytes", sizes[i]);
	}
}

static void prepare(void)
{
	must(!pipe(ready) && !pipe(quiet) && !pipe(hung) && !pipe(broken), "pipe");
	must(write(ready[1], "x", 1) == 1, "write");
	close(hung[1]);
	close(broken[0]);
	struct rlimit limit = {1024, 4096};
	must(setrlimit(RLIMIT_NOFILE, &limit) == 0, "setrlimit");
}

int main(void)
{
	prepare();
	for (unsigned i = 0; i < COUNT(polls); i++) {
		poll_function *call = polls[i].call ? polls[i].call : raw_poll;
		each_mask(polls[i].name, call);
		each_size(polls[i].name, call);
		each_timeout(polls[i].name, call);
	}
	for (unsigned i = 0; i < COUNT(ppolls); i++)
		each_timespec(ppolls[i].name, ppolls[i].call);
	too_small();
	show_descriptors();
	return 0;
}

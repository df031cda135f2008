/* select, pselect, their alias, raw numbers and __fdelt_chk: every good and bad way to call them.
 */
#include "show.h"

typedef int select_function(int, fd_set *, fd_set *, fd_set *, struct timeval *);
typedef int pselect_function(
	int, fd_set *, fd_set *, fd_set *, const struct timespec *, const sigset_t *);

#ifdef SYS_select
static int raw_select(
	int nfds, fd_set *readfds, fd_set *writefds, fd_set *exceptfds, struct timeval *timeout)
{
	return syscall(SYS_select, nfds, readfds, writefds, exceptfds, timeout);
}
#else
#define raw_select select
#endif

static int raw_pselect(int nfds, fd_set *readfds, fd_set *writefds, fd_set *exceptfds,
	const struct timespec *timeout, const sigset_t *sigmask)
{
	struct {
		const sigset_t *mask;
		size_t size;
	} argument = {sigmask, 8};
	return syscall(SYS_pselect6, nfds, readfds, writefds, exceptfds, timeout, &argument);
}

static const struct {
	const char *name;
	select_function *call;
} selects[] = {{"select", select}, {"__select", __select}, {"syscall", raw_select}};

static const struct {
	const char *name;
	pselect_function *call;
} pselects[] = {{"pselect", pselect}, {"syscall", raw_pselect}};

static int ready[2], quiet[2], hung[2], broken[2];

/* The first `words` longs of a set, at the end of a page: sets may be smaller than fd_set. */
static fd_set *set_of(int slot, int words, int first, int second)
{
	unsigned long bits[32] = {0};
	const int fds[] = {first, second};
	for (unsigned i = 0; i < COUNT(fds); i++)
		if (fds[i] >= 0 && fds[i] < words * 64)
			bits[fds[i] / 64] |= 1UL << fds[i] % 64;
	return place(slot, bits, words * sizeof *bits);
}

static struct timeval *time_of(long seconds, long microseconds)
{
	return PLACE(3, (struct timeval){seconds, microseconds});
}

static void each_set(const char *name, select_function *call)
{
	const int pairs[][2] = {{ready[0], quiet[0]}, {ready[1], hung[0]}, {hung[0], broken[1]},
		{quiet[0], -1}, {ready[0], CLOSED % 64}, {-1, -1}};
	for (unsigned i = 0; i < COUNT(pairs); i++)
		for (int which = 0; which < 8; which++) {
			fd_set *sets[3] = {0};
			for (int s = 0; s < 3; s++)
				if (which & 1 << s)
					sets[s] = set_of(s, 1, pairs[i][0], pairs[i][1]);
			SHOW(name, call(64, sets[0], sets[1], sets[2], time_of(0, 0)),
				"64, {%d, %d} in %d, zero", pairs[i][0], pairs[i][1], which);
		}
}

static void each_nfds(const char *name, select_function *call)
{
	const int numbers[] = {0, 1, ready[0], ready[0] + 1, 63, 64, 65, 128, 129, 1024, 1025, 2048,
		INT_MAX, -1, INT_MIN};
	for (unsigned i = 0; i < COUNT(numbers); i++)
		for (int words = 1; words <= 32; words += words == 1 ? 1 : 30) {
			fd_set *set = set_of(0, words, ready[0], -1);
			SHOW(name, call(numbers[i], set, NULL, NULL, time_of(0, 0)),
				"%d, {%d} of %d words", numbers[i], ready[0], words);
		}
	SHOW(name, call(1024, set_of(0, 16, ready[0], CLOSED), NULL, NULL, time_of(0, 0)),
		"1024, {ready, closed}");
}

static void each_pointer(const char *name, select_function *call)
{
	EACH_BAD_POINTER(bad)
	{
		for (int s = 0; s < 3; s++) {
			fd_set *sets[3] = {0};
			sets[s] = bad->pointer;
			SHOW(name, call(64, sets[0], sets[1], sets[2], time_of(0, 0)),
				"64, set %d %s, zero", s, bad->name);
			SHOW(name, call(0, sets[0], sets[1], sets[2], time_of(0, 0)),
				"0, set %d %s, zero", s, bad->name);
		}
		CRASH(name, call(64, set_of(0, 1, ready[0], -1), NULL, NULL, bad->pointer),
			"64, ready, timeout %s", bad->name);
	}
	fd_set *same = set_of(0, 1, ready[0], ready[1]);
	SHOW(name, call(64, same, same, same, time_of(0, 0)), "64, one set thrice");
}

static void each_timeval(const char *name, select_function *call)
{
	const struct timeval times[] = {{0, 0}, {0, 1}, {0, 999999}, {0, 1000000}, {0, 5000000},
		{0, -1}, {-1, 0}, {LONG_MAX, 999999}, {LONG_MAX, 0}, {LONG_MIN, 0}, {0, LONG_MAX}};
	for (unsigned i = 0; i < COUNT(times); i++) {
		struct timeval *timeout = time_of(times[i].tv_sec, times[i].tv_usec);
		fd_set *set = set_of(0, 1, ready[0], -1);
		SHOW(name,
			same_or_changed(call(64, set, NULL, NULL, timeout), timeout, &times[i],
				sizeof *timeout),
			"64, ready, {%ld, %ld}", (long)times[i].tv_sec, (long)times[i].tv_usec);
	}
	SHOW(name, call(64, set_of(0, 1, ready[0], -1), NULL, NULL, NULL), "64, ready, NULL");
	SHOW(name, call(0, NULL, NULL, NULL, time_of(0, 2000)), "0, NULL, 2 ms");
	SHOW(name, call(64, set_of(0, 1, quiet[0], -1), NULL, NULL, time_of(0, 2000)),
		"64, quiet, 2 ms");
}

static void each_timespec(const char *name, pselect_function *call)
{
	const struct timespec times[] = {{0, 0}, {0, 1}, {0, 999999999}, {0, 1000000000}, {0, -1},
		{-1, 0}, {LONG_MAX, 999999999}, {LONG_MIN, 0}};
	for (unsigned i = 0; i < COUNT(times); i++) {
		struct timespec *timeout = place(3, &times[i], sizeof times[i]);
		fd_set *set = set_of(0, 1, ready[0], quiet[0]);
		SHOW(name,
			same_or_changed(call(64, set, NULL, NULL, timeout, NULL), timeout,
				&times[i], sizeof *timeout),
			"64, ready, {%ld, %ld}", (long)times[i].tv_sec, times[i].tv_nsec);
	}
	fd_set *set = set_of(0, 1, ready[0], -1);
	SHOW(name, call(64, set, NULL, NULL, NULL, NULL), "64, ready, NULL, NULL");
	EACH_BAD_POINTER(bad)
	{
		SHOW(name, call(64, NULL, bad->pointer, NULL, read_only(), NULL), "writefds %s",
			bad->name);
		CRASH(name, call(64, set, NULL, NULL, bad->pointer, NULL), "timeout %s", bad->name);
		SHOW(name, call(64, set, NULL, NULL, read_only(), bad->pointer), "sigmask %s",
			bad->name);
	}
}

static void fdelt(void)
{
	const long fds[] = {0, 63, 64, 1023};
	for (unsigned i = 0; i < COUNT(fds); i++) {
		SHOW("__fdelt_chk", __fdelt_chk(fds[i]), "%ld", fds[i]);
		SHOW("__fdelt_warn", __fdelt_warn(fds[i]), "%ld", fds[i]);
	}
	const long bad[] = {-1, 1024, LONG_MAX, LONG_MIN};
	for (unsigned i = 0; i < COUNT(bad); i++) {
		CRASH("__fdelt_chk", __fdelt_chk(bad[i]), "%ld", bad[i]);
		CRASH("__fdelt_warn", __fdelt_warn(bad[i]), "%ld", bad[i]);
	}
}

int main(void)
{
	must(!pipe(ready) && !pipe(quiet) && !pipe(hung) && !pipe(broken), "pipe");
	must(write(ready[1], "x", 1) == 1, "write");
	close(hung[1]);
	close(broken[0]);
	for (unsigned i = 0; i < COUNT(selects); i++) {
		each_set(selects[i].name, selects[i].call);
		each_nfds(selects[i].name, selects[i].call);
		each_pointer(selects[i].name, selects[i].call);
		each_timeval(selects[i].name, selects[i].call);
	}
	for (unsigned i = 0; i < COUNT(pselects); i++)
		each_timespec(pselects[i].name, pselects[i].call);
	fdelt();
	show_descriptors();
	return 0;
}

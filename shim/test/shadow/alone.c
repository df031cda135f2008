/* One thread, and all it does is seen: the library must believe what the kernel has, to the bit. */
#include "acts.h"

/* Low numbers, which births get; and a few where select's sets, a table of ours and the process's
 * own limit end. */
enum { LOW = 3, LOWS = 44, NEAR = 5 };
static int around[] = {1021, 4093, 0};
enum { AROUND = sizeof(around) / sizeof(around[0]) };

static int some_number(void)
{
	return one_in(8) ? around[below(AROUND)] + (int)below(NEAR) : LOW + (int)below(LOWS);
}

static int some_epoll(void)
{
	int fd = some_number();
	for (int tries = 0; tries < 32 && !maybe_epoll[fd]; tries++)
		fd = some_number();
	return fd;
}

static void change(void)
{
	act_ctl(some_epoll(), some_number());
}

static void wait_once(void)
{
	act_wait(some_epoll());
}

static void make(void)
{
	act_birth();
}

/* Nothing is duplicated and no datum given twice: the library can be sure of everything. */
static bool plain;

static void duplicate(void)
{
	if (!plain)
		act_duplicate(one_in(6) ? some_epoll() : some_number(), some_number());
}

static void end_one(void)
{
	act_close(some_number());
}

static void end_several(void)
{
	static const int flags[] = {0, 0, CLOSE_RANGE_UNSHARE, CLOSE_RANGE_CLOEXEC};
	int first = some_number(), last = first + (int)below(4), flag = flags[below(4)];
	const char *name = flag == CLOSE_RANGE_CLOEXEC ? "CLOSE_RANGE_CLOEXEC" : "close_range";
	noted(name, first, last, NULL, close_range((unsigned)first, (unsigned)last, flag));
}

static void end_most(void)
{
	int lowest = one_in(2) ? LOW : LOW + LOWS;
	closefrom(lowest);
	noted("close_range", lowest, INT_MAX, NULL, 0);
}

static const struct weighted acts[] = {
	{change, 1000},
	{wait_once, 200},
	{make, 150},
	{duplicate, 180},
	{end_one, 150},
	{end_several, 10},
	{end_most, 1},
	{NULL, 0},
};

/* With all low numbers taken a birth gets one beyond: those must not pile up. */
static void close_beyond(void)
{
	for (int fd = LOW + LOWS; fd < LOW + LOWS + 8; fd++)
		close(fd);
}

static void compare_all(void)
{
	for (int fd = 0; fd < LOW + LOWS + 8; fd++)
		compare_number(fd);
	for (int i = 0; i < AROUND; i++)
		for (int fd = around[i]; fd < around[i] + NEAR + 4; fd++)
			compare_number(fd);
}

/* An event whose datum several registrations have, or had, does not say which one-shot fired. And
 * only where the library knows that there is but one thread (swap.h) does it know that none is late
 * to note the event of a one-shot that was armed again. */
static bool may_be_uncertain(const struct pollcheck_entry *entry)
{
#if defined __x86_64__ && defined __GLIBC__
	return !plain && (entry->events & EPOLLONESHOT);
#else
	return entry->events & EPOLLONESHOT;
#endif
}

/* With a third argument: is what is wrong found? */
static void lie(void)
{
	struct epoll_event event = {EPOLLIN, {.u64 = POINTERS}};
	long epfd = epoll_create1(0), fd = eventfd(0, 0);
	must(unwatched(SYS_epoll_ctl, epfd, EPOLL_CTL_ADD, fd, (long)&event) == 0, "lie");
}

int main(int argc, char **argv)
{
	begin(argc, argv, 20000);
	compare_begins();
	plain = own_data = seed % 4 == 0;
	around[AROUND - 1] = open_files() - NEAR;
	for (long round = 0; round < rounds; round++) {
		act(acts);
		close_beyond();
		if (one_in(50))
			compare_all();
	}
	if (argc > 3)
		lie();
	compare_all();
	return finish();
}

/* Eight threads at the same instances, and at the same descriptors in them, for a while; then all
 * stop, and the library must believe what the kernel has. Only their own numbers do they close. */
#include "together.h"

enum { SETS = 3, COMMON = 8, OWN = 12, OWN_FIRST = 500 };

static int sets[SETS], common[COMMON];

static int some_set(void)
{
	return sets[below(SETS)];
}

/* Any but the first, which names a common descriptor. */
static int own_number(void)
{
	return OWN_FIRST + thread_number * OWN + 1 + (int)below(OWN - 1);
}

static int own_epoll(void)
{
	int fd = own_number();
	for (int tries = 0; tries < OWN && !maybe_epoll[fd]; tries++)
		fd = own_number();
	return fd;
}

static void change_common(void)
{
	act_ctl(some_set(), common[below(COMMON)]);
}

static void change_own(void)
{
	act_ctl(one_in(4) ? own_epoll() : some_set(), own_number());
}

static void wait_once(void)
{
	act_wait(one_in(4) ? own_epoll() : some_set());
}

/* The number a birth gives is nobody else's, but what is done here wants one of ours. */
static void make_own(void)
{
	int made = one_in(4) ? one_of("epoll_create1", epoll_create1(0), true)
			     : one_of("eventfd", eventfd(1, 0), false);
	int to = own_number();
	if (noted("dup2", made, to, NULL, dup2(made, to)) >= 0)
		maybe_epoll[to] = maybe_epoll[made];
	noted("close", made, -1, NULL, close(made));
}

static void duplicate_own(void)
{
	int from = own_number(), to = own_number();
	if (noted("dup2", from, to, NULL, dup2(from, to)) >= 0)
		maybe_epoll[to] = maybe_epoll[from];
}

/* Its registrations stay behind, for the common descriptor is never closed. */
static void duplicate_common(void)
{
	int to = OWN_FIRST + thread_number * OWN;
	noted("dup2", common[0], to, NULL, dup2(common[0], to));
	act_ctl(some_set(), to);
	act_close(to);
}

static void end_own(void)
{
	act_close(own_number());
}

static void end_several(void)
{
	unsigned first = (unsigned)(OWN_FIRST + thread_number * OWN), last = first + OWN - 1;
	noted("close_range", (int)first, (int)last, NULL, close_range(first, last, 0));
}

static const struct weighted acts[] = {
	{change_common, 600},
	{change_own, 150},
	{wait_once, 150},
	{make_own, 40},
	{duplicate_own, 10},
	{duplicate_common, 5},
	{end_own, 40},
	{end_several, 4},
	{NULL, 0},
};

static void compare_all(void)
{
	for (int fd = 3; fd < OWN_FIRST + THREADS * OWN; fd++)
		compare_number(fd);
}

static void work(void)
{
	act(acts);
}

/* Two threads changed it at once; or its datum does not say which one-shot fired. */
static bool may_be_uncertain(const struct pollcheck_entry *entry)
{
	(void)entry;
	return true;
}

int main(int argc, char **argv)
{
	begin(argc, argv, 5000);
	compare_begins();
	own_data = seed % 2 == 0;
	for (int i = 0; i < SETS; i++)
		must((sets[i] = one_of("epoll_create1", epoll_create1(0), true)) >= 0, "epoll");
	for (int i = 0; i < COMMON; i++)
		must((common[i] = one_of("eventfd", eventfd(1, 0), false)) >= 0, "eventfd");
	together(250);
	return finish();
}

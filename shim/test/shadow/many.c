/* 100,000 registrations, dense and sparse, and instances that come and go by the thousand. */
#include "acts.h"

enum { REGISTRATIONS = 100000, SPARSE_SETS = 64, MANY_SETS = 3000, FIRST = 3 };

static int files; /* open at FIRST and above; the sets come behind them */

/* Each has a datum of its own, and none is a one-shot: there is nothing the library cannot know. */
static bool may_be_uncertain(const struct pollcheck_entry *entry)
{
	(void)entry;
	return false;
}

static void change(int epfd, int op, int fd)
{
	static const char *const names[] = {"", "EPOLL_CTL_ADD", "EPOLL_CTL_DEL", "EPOLL_CTL_MOD"};
	struct epoll_event event = {some_mask(op) & ~EPOLLONESHOT, {.u64 = some_data(fd)}};
	noted(names[op], epfd, fd, &event, epoll_ctl(epfd, op, fd, &event));
}

static int some_of(int first, int count)
{
	return first + (int)below((uint32_t)count);
}

static void make(int sets)
{
	for (int i = 0; i < sets; i++)
		must(epoll_create1(0) == FIRST + files + i, "epoll_create1");
}

static void compare_sets(int sets)
{
	for (int i = 0; i < sets; i++)
		compare_instance(FIRST + files + i);
}

static void compare_some(int sets)
{
	for (int i = 0; i < 100; i++)
		compare_instance(some_of(FIRST + files, sets));
}

static void end(int sets)
{
	for (int i = 0; i < sets; i++)
		must(close(FIRST + files + i) == 0, "close");
}

/* As many sets as it takes, each with every file. */
static void dense(void)
{
	int sets = REGISTRATIONS / files + 1;
	make(sets);
	for (int i = 0; i < sets; i++)
		for (int fd = FIRST; fd < FIRST + files; fd++)
			change(FIRST + files + i, EPOLL_CTL_ADD, fd);
	compare_sets(sets);
	for (int i = 0; i < REGISTRATIONS / 10; i++)
		change(some_of(FIRST + files, sets), 1 + (int)below(3), some_of(FIRST, files));
	for (int i = 0; i < files / 10; i++) {
		close(some_of(FIRST, files));
		must(eventfd(1, 0) >= 0, "eventfd"); /* the lowest number free: the same */
	}
	compare_sets(sets);
	end(sets);
}

/* Each file in one of many sets, as a server with a loop for each processor has them. */
static void sparse(void)
{
	make(SPARSE_SETS);
	for (int fd = FIRST; fd < FIRST + files; fd++)
		change(some_of(FIRST + files, SPARSE_SETS), EPOLL_CTL_ADD, fd);
	compare_sets(SPARSE_SETS);
	end(SPARSE_SETS);
}

/* An instance that takes the place of another has nothing of its list. */
static void come_and_go(int sets)
{
	make(sets);
	for (int turn = 0; turn < 3; turn++) {
		for (int i = 0; i < 4 * sets; i++)
			change(some_of(FIRST + files, sets), 1 + (int)below(3), some_of(FIRST, 64));
		compare_some(sets);
		for (int i = 0; i < sets / 4; i++) {
			close(some_of(FIRST + files, sets));
			must(epoll_create1(0) >= 0, "epoll_create1");
		}
		compare_some(sets);
	}
	end(sets);
}

int main(int argc, char **argv)
{
	begin(argc, argv, 1);
	compare_begins();
	own_data = true;
	closefrom(FIRST);
	int limit = open_files(), sets = limit / 4 < MANY_SETS ? limit / 4 : MANY_SETS;
	files = limit - sets - 64;
	for (int fd = FIRST; fd < FIRST + files; fd++)
		must(eventfd(1, 0) == fd, "eventfd");
	for (long round = 0; round < rounds; round++) {
		dense();
		sparse();
		come_and_go(sets);
	}
	return finish();
}

/* Descriptors closed, made, duplicated and registered by system calls the library cannot see. It
 * may be wrong about them until the kernel's answer to a call it sees says so; then no longer, and
 * never about others. */
#include "acts.h"

enum { SETS = 3, FIRST = 40, FDS = 16, SPARE = FIRST + FDS, SPARE_SET };

static int sets[SETS];

static int some_set(void)
{
	return sets[below(SETS)];
}

static int some_fd(void)
{
	return FIRST + (int)below(FDS);
}

static void place(int made, int fd)
{
	must(made >= 0 && dup2(made, fd) == fd, "dup2");
	close(made);
	noted("made", fd, -1, NULL, 0);
}

static void place_unseen(long number, long argument, int fd)
{
	long made = unwatched(number, argument, 0, 0, 0);
	must(made >= 0 && unwatched(SYS_dup3, made, fd, 0, 0) == fd, "unseen dup3");
	unwatched(SYS_close, made, 0, 0, 0);
	noted("unseen made", fd, -1, NULL, 0);
}

static void close_unseen(int fd)
{
	noted("unseen close", fd, -1, NULL, unwatched(SYS_close, fd, 0, 0, 0));
}

static long ctl_unseen(int epfd, int op, int fd)
{
	struct epoll_event event = {some_mask(op), {.u64 = some_data(fd)}};
	long result = unwatched(SYS_epoll_ctl, epfd, op, fd, (long)&event);
	errno = result < 0 ? (int)-result : 0;
	return noted(op == EPOLL_CTL_ADD   ? "unseen ADD"
		     : op == EPOLL_CTL_MOD ? "unseen MOD"
					   : "unseen DEL",
		epfd, fd, &event, result < 0 ? -1 : 0);
}

static void compare_all(void)
{
	for (int fd = 3; fd <= SPARE_SET + SETS; fd++)
		compare_number(fd);
}

/* What is seen goes on meanwhile, with others. */
static void go_on(void)
{
	for (int acts = (int)below(12); acts > 0; acts--) {
		int fd = some_fd();
		if (!unseen[fd])
			act_ctl(some_set(), fd);
		if (one_in(4))
			act_wait(some_set());
	}
	compare_all();
}

/* All answers but EEXIST say what there is from now on; EEXIST does not say with which mask. */
static void meet(int epfd, int fd)
{
	while (act_ctl(epfd, fd) != 0 && errno != ENOENT)
		must(errno == EEXIST || errno == EINVAL || errno == ELOOP || errno == ENOENT,
			"meeting");
}

/* --- what happens out of sight --- */

static void count_one(const struct pollcheck_entry *entry, void *sought)
{
	int *fd_and_count = sought;
	fd_and_count[1] += entry->fd == fd_and_count[0];
}

/* EEXIST says that it is registered, whatever the library thought. */
static void met_already(int epfd, int fd)
{
	int fd_and_count[2] = {fd, 0};
	interest_list(epfd, count_one, fd_and_count);
	if (fd_and_count[1] != 1)
		mistaken(fd, "registered, as EEXIST said, and the library does not believe it");
}

static void registered(void)
{
	int epfd = some_set(), fd = some_fd();
	unseen[fd] = true;
	for (int times = 1 + (int)below(3); times > 0; times--)
		ctl_unseen(epfd, 1 + (int)below(3), fd);
	go_on();
	if (one_in(2) && act_ctl_op(epfd, EPOLL_CTL_ADD, fd) != 0 && errno == EEXIST)
		met_already(epfd, fd);
	meet(epfd, fd);
	unseen[fd] = false;
	compare_all();
}

static void closed(void)
{
	int fd = some_fd();
	unseen[fd] = true;
	close_unseen(fd);
	go_on();
	if (one_in(2))
		act_close(fd); /* EBADF */
	place(eventfd(1, 0), fd);
	unseen[fd] = false;
	compare_all();
}

static void closed_and_made(void)
{
	int fd = some_fd();
	unseen[fd] = true;
	close_unseen(fd);
	place_unseen(SYS_eventfd2, 1, fd);
	go_on();
	for (int i = 0; i < SETS; i++)
		meet(sets[i], fd);
	unseen[fd] = false;
	compare_all();
}

static void made(void)
{
	place_unseen(SYS_eventfd2, 1, SPARE);
	act_ctl(some_set(), SPARE);
	go_on();
	for (int times = (int)below(4); times > 0; times--)
		act_ctl(some_set(), SPARE);
	compare_all();
	act_close(SPARE);
	compare_all();
}

/* A duplicate nobody saw keeps what the number it came from was registered with. */
static void duplicated(void)
{
	int fd = some_fd();
	must(unwatched(SYS_dup3, fd, SPARE, 0, 0) == SPARE, "unseen dup3");
	noted("unseen dup", fd, SPARE, NULL, 0);
	go_on();
	unseen[fd] = true;
	act_close(fd);
	place(eventfd(1, 0), fd);
	act_ctl(some_set(), fd);
	go_on();
	close_unseen(SPARE);
	for (int i = 0; i < SETS; i++) /* what the old one reported may have passed for the new */
		meet(sets[i], fd);
	unseen[fd] = false;
	compare_all();
}

/* Its first successful epoll_ctl says that SPARE_SET is an instance, and nothing of what it has. */
static void instance_made(void)
{
	int fd = some_fd(), copy = one_in(3) ? SPARE : -1;
	place_unseen(SYS_epoll_create1, 0, SPARE_SET);
	unseen[SPARE_SET] = true;
	for (int i = 0; i < 3; i++)
		ctl_unseen(SPARE_SET, EPOLL_CTL_ADD, FIRST + i);
	if (copy >= 0) {
		unseen[copy] = true;
		noted("dup2", SPARE_SET, copy, NULL, dup2(SPARE_SET, copy));
	}
	act_ctl_op(some_set(), EPOLL_CTL_ADD, SPARE_SET);
	go_on();
	while (act_ctl(copy >= 0 && one_in(2) ? copy : SPARE_SET, fd) != 0)
		;
	for (int i = 0; i < 3; i++)
		meet(SPARE_SET, FIRST + i);
	unseen[SPARE_SET] = unseen[SPARE] = false;
	compare_all();
	if (copy >= 0)
		act_close(copy);
	compare_all();
	act_close(SPARE_SET);
	compare_all();
}

/* The library believes in the old instance's list, one entry after the other until it is met. */
static void instance_replaced(void)
{
	int i = (int)below(SETS);
	unseen[sets[i]] = true;
	close_unseen(sets[i]);
	if (one_in(3)) {
		place(epoll_create1(0), sets[i]);
	} else {
		place_unseen(SYS_epoll_create1, 0, sets[i]);
		for (int fd = FIRST; fd < FIRST + FDS; fd++)
			meet(sets[i], fd);
	}
	unseen[sets[i]] = false;
	compare_all();
}

static void no_longer_instance(void)
{
	int i = (int)below(SETS);
	unseen[sets[i]] = true;
	close_unseen(sets[i]);
	place_unseen(SYS_eventfd2, 0, sets[i]);
	act_ctl(sets[i], some_fd()); /* EINVAL */
	act_close(sets[i]);
	unseen[sets[i]] = false;
	compare_all();
	place(epoll_create1(0), sets[i]);
}

static const struct weighted acts[] = {
	{registered, 10},
	{closed, 4},
	{closed_and_made, 4},
	{made, 4},
	{duplicated, 4},
	{instance_made, 4},
	{instance_replaced, 2},
	{no_longer_instance, 1},
	{NULL, 0},
};

/* A mask that was changed out of sight, until it is set again; or which one-shot fired. */
static bool may_be_uncertain(const struct pollcheck_entry *entry)
{
	(void)entry;
	return true;
}

int main(int argc, char **argv)
{
	begin(argc, argv, 1000);
	compare_begins();
	for (int i = 0; i < SETS; i++)
		place(epoll_create1(0), sets[i] = SPARE_SET + 1 + i);
	for (int fd = FIRST; fd < FIRST + FDS; fd++)
		place(eventfd(1, 0), fd);
	for (long round = 0; round < rounds; round++)
		act(acts);
	return finish();
}

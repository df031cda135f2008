/* One-shots as they are meant: eight threads wait at one instance, and who got the event, and
 * nobody else, changes the registration. The library must know which are armed. */
#include "together.h"

enum { SLOTS = 24, FIRST = 400 };

static int set;
static _Atomic uint64_t generation[SLOTS];

static struct epoll_event one_shot(int fd, bool new_datum)
{
	uint64_t high = new_datum ? atomic_fetch_add(&generation[fd - FIRST], 1) + 1
				  : atomic_load(&generation[fd - FIRST]);
	return (struct epoll_event){some_mask(EPOLL_CTL_MOD) | EPOLLONESHOT | EPOLLIN,
		{.u64 = (uint32_t)fd | high << 32}};
}

static void change(int op, int fd)
{
	static const char *const names[] = {"", "EPOLL_CTL_ADD", "EPOLL_CTL_DEL", "EPOLL_CTL_MOD"};
	struct epoll_event event = one_shot(fd, one_in(8));
	event.events &= ~EPOLLEXCLUSIVE;
	noted(names[op], set, fd, &event, epoll_ctl(set, op, fd, &event));
}

static void made_anew(int fd)
{
	int made = eventfd(1, 0);
	must(made >= 0 && dup2(made, fd) == fd, "eventfd");
	close(made);
	noted("made anew", fd, -1, NULL, 0);
	change(EPOLL_CTL_ADD, fd);
}

static void rearmed(int fd)
{
	switch (below(16)) {
	case 0:
		close(fd);
		made_anew(fd);
		return;
	case 1:
		made_anew(fd);
		return;
	case 2:
		change(EPOLL_CTL_DEL, fd);
		change(EPOLL_CTL_ADD, fd);
		return;
	default:
		change(EPOLL_CTL_MOD, fd);
	}
}

/* Some stay as they are until the threads have met. */
static int left[SLOTS];
static _Atomic int left_count;

static void work(void)
{
	struct epoll_event events[4];
	int count = epoll_wait(set, events, 1 + (int)below(4), 1);
	for (int i = 0; i < count; i++)
		noted("wait returned", set, events[i].data.fd, &events[i], count);
	for (int i = 0; i < count; i++)
		if (one_in(200))
			left[atomic_fetch_add(&left_count, 1)] = events[i].data.fd;
		else
			rearmed(events[i].data.fd);
}

static void compare_all(void)
{
	compare_number(set);
	while (left_count > 0)
		change(EPOLL_CTL_MOD, left[--left_count]);
}

/* Its event came, with a datum as new, before the thread that gave the datum could note it. */
static bool may_be_uncertain(const struct pollcheck_entry *entry)
{
	(void)entry;
	return true;
}

int main(int argc, char **argv)
{
	begin(argc, argv, 5000);
	compare_begins();
	set = epoll_create1(0);
	for (int fd = FIRST; fd < FIRST + SLOTS; fd++)
		made_anew(fd);
	together(50);
	return finish();
}

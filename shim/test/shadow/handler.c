/* A signal handler that runs epoll_ctl, dup and close in the middle of whatever the one thread
 * does, inside the library too. Registrations are everybody's; each closes numbers of its own. */
#include "acts.h"

#include <sys/time.h>

enum { SETS = 3, OWNS = 6, COMMON = 10 };
enum { FIRST = 40, HANDLERS = FIRST + COMMON, THREADS = HANDLERS + OWNS, LAST = THREADS + OWNS };

static int sets[SETS];
static uint64_t handlers_chance = 88172645463325252u;
static volatile sig_atomic_t interrupted;

static void place(int made, int fd)
{
	if (noted("dup2", made, fd, NULL, dup2(made, fd)) == fd)
		maybe_epoll[fd] = maybe_epoll[made];
	noted("close", made, -1, NULL, close(made));
}

/* Not as a one-shot where the thread waits: an event that the handler interrupts on its way from
 * the kernel to the library is noted after whatever the handler did to the registration. */
static void change_in_handler(int fd)
{
	int which = (int)below(SETS), op = 1 + (int)below(3);
	struct epoll_event event = {some_mask(op), {.u64 = some_data(fd)}};
	if (which == 0)
		event.events &= ~EPOLLONESHOT;
	noted(op == EPOLL_CTL_ADD     ? "handler's ADD"
		: op == EPOLL_CTL_MOD ? "handler's MOD"
				      : "handler's DEL",
		sets[which], fd, &event, epoll_ctl(sets[which], op, fd, &event));
}

static void interrupt(int number)
{
	int error = errno, own = HANDLERS + (int)(interrupted % OWNS);
	uint64_t chance_outside = chance;
	(void)number;
	chance = handlers_chance;
	interrupted++;
	for (int acts = 1 + (int)below(3); acts > 0; acts--)
		change_in_handler(one_in(3) ? own : FIRST + (int)below(COMMON));
	if (one_in(8))
		place(one_in(4) ? dup(FIRST) : eventfd(1, 0), own);
	else if (one_in(8))
		noted("handler's close", own, -1, NULL, close(own));
	handlers_chance = chance;
	chance = chance_outside;
	errno = error;
}

static void interruptions(bool on)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGALRM);
	sigprocmask(on ? SIG_UNBLOCK : SIG_BLOCK, &set, NULL);
}

static void change(void)
{
	bool own = one_in(3);
	act_ctl(sets[below(SETS)], own ? THREADS + (int)below(OWNS) : FIRST + (int)below(COMMON));
}

static void wait_once(void)
{
	act_wait(sets[0]);
}

static void make_anew(void)
{
	place(eventfd(1, 0), THREADS + (int)below(OWNS));
}

static void end_and_make(void)
{
	int fd = THREADS + (int)below(OWNS);
	noted("close", fd, -1, NULL, one_in(2) ? close(fd) : close_stream(fd));
	place(eventfd(1, 0), fd);
}

static const struct weighted acts[] = {
	{change, 40},
	{wait_once, 20},
	{make_anew, 3},
	{end_and_make, 3},
	{NULL, 0},
};

static void compare_all(void)
{
	for (int fd = 3; fd < LAST + SETS; fd++)
		compare_number(fd);
}

/* The handler came between a call and its note; or which of those that share a datum fired. */
static bool may_be_uncertain(const struct pollcheck_entry *entry)
{
	(void)entry;
	return true;
}

int main(int argc, char **argv)
{
	struct sigaction action = {.sa_handler = interrupt, .sa_flags = SA_RESTART};
	struct itimerval often = {{0, 50}, {0, 50}};
	begin(argc, argv, 20000);
	compare_begins();
	handlers_chance ^= seed;
	for (int i = 0; i < SETS; i++)
		place(one_of("epoll_create1", epoll_create1(0), true), sets[i] = LAST + i);
	for (int fd = FIRST; fd < LAST; fd++)
		place(eventfd(1, 0), fd);
	must(sigaction(SIGALRM, &action, NULL) == 0, "sigaction");
	must(setitimer(ITIMER_REAL, &often, NULL) == 0, "setitimer");
	for (long round = 1; round <= rounds; round++) {
		act(acts);
		if (round % 100 != 0)
			continue;
		interruptions(false);
		compare_all();
		interruptions(true);
	}
	interruptions(false);
	printf("interrupted %d times\n", (int)interrupted);
	return finish();
}

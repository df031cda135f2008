/* A handler that runs all the calls interrupts the same calls, every 200 microseconds. */
#include "use.h"

static volatile sig_atomic_t handled, wrong;

static void work(int number)
{
	(void)number;
	handled++;
	if (!used() || (handled % 16 == 0 && !misused()))
		wrong = 1;
}

/* As used(), but for the interruptions a real program must expect. */
static bool served(void)
{
	int ends[2], set = epoll_create1(0);
	struct epoll_event event = {EPOLLIN, {.u64 = 3}};
	bool right = pipe(ends) == 0 && epoll_ctl(set, EPOLL_CTL_ADD, ends[0], &event) == 0;
	struct pollfd fd = {ends[0], POLLIN, 0};
	right = right && write(ends[1], "x", 1) == 1 && epoll_wait(set, &event, 1, -1) == 1 &&
		event.data.u64 == 3 && poll(&fd, 1, -1) == 1 && fd.revents == POLLIN;
	close(ends[0]);
	right = right && poll(&fd, 1, 0) == 1 && fd.revents == POLLNVAL;
	close(ends[1]);
	close(set);
	return right;
}

int main(void)
{
	on_signal(SIGALRM, work, SA_RESTART);
	alarms(200);
	for (int i = 0; i < 2000 || handled < 300; i++)
		must(served(), "in main");
	alarms(0);
	must(!wrong && used() && misused(), "in the handler");
	show_lowest_descriptor();
	dprintf(1, "handlers done\n");
	return 0;
}

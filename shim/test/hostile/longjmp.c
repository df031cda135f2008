/* Signal handlers that jump out of the call they interrupted, a thousand times. */
#include "use.h"

#include <setjmp.h>

static sigjmp_buf back;
static int ends[2], set;

static void leave(int number)
{
	siglongjmp(back, number);
}

static void block(int way)
{
	char byte;
	struct epoll_event event;
	struct pollfd fd = {ends[0], POLLIN, 0};
	if (way == 0)
		poll(&fd, 1, -1);
	else if (way == 1)
		epoll_wait(set, &event, 1, -1);
	else if (way == 2)
		select(0, NULL, NULL, NULL, NULL);
	else if (way == 3)
		epoll_pwait(set, &event, 1, -1, NULL);
	else if (way == 4)
		read(ends[0], &byte, 1);
	else
		poll(&fd, 1, 0); /* never blocks: the handler comes anywhere, the log included */
}

int main(void)
{
	struct epoll_event event = {EPOLLIN, {0}};
	must(!pipe(ends) && (set = epoll_create1(0)) >= 0, "pipe");
	must(!epoll_ctl(set, EPOLL_CTL_ADD, ends[0], &event), "epoll_ctl");
	on_signal(SIGALRM, leave, 0);
	for (volatile int i = 0; i < 1000; i++) {
		if (sigsetjmp(back, 1) == 0) {
			alarms(300);
			for (;;)
				block(i % 6);
		}
		alarms(0);
	}
	must(used() && misused() && used(), "afterwards");
	show_lowest_descriptor();
	dprintf(1, "longjmp done\n");
	return 0;
}

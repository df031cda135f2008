/* level: warning. As tokio, trio and gevent do it when a task has had enough for now: the thread
 * goes on by its own timer with what was left, without being told again. And as ivykis wakes its
 * loop: by arming a one-shot of a counter that is never read. */
#include "../unfinished.h"
#include "clean.h"

enum { TICK_MS = 2600, TICKS = 2 };

static void later(enum unfinished which, int epfd, const int pair[2])
{
	struct epoll_event event;
	for (int i = 0; i < TICKS; i++)
		must(epoll_wait(epfd, &event, 1, TICK_MS));
	must(epoll_wait(epfd, &event, 1, 1));
	finish(which, epfd, pair);
}

static void never_read(void)
{
	struct epoll_event event;
	int epfd = instance(), counter = must(eventfd(1, EFD_CLOEXEC));
	must(add(epfd, counter, EPOLLIN | EPOLLONESHOT));
	must(epoll_wait(epfd, &event, 1, -1));
	must(epoll_wait(epfd, &event, 1, TICKS * TICK_MS));
	wait_for_another(epfd);
	must(modify(epfd, counter, EPOLLIN | EPOLLONESHOT));
	must(epoll_wait(epfd, &event, 1, -1));
}

int main(void)
{
	pid_t child = must(fork());
	if (child == 0) {
		each_in_child(later);
		exit(0);
	}
	never_read();
	wait_for(child);
	return 0;
}

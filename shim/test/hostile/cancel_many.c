/* Threads cancelled inside a blocking call, deferred and asynchronous, 200 times each. */
#include "use.h"

#include <pthread.h>
#include <stdatomic.h>

static int ends[2], set;
static atomic_int waiting;

struct way {
	int number, type;
};

static void *block(void *argument)
{
	const struct way *way = argument;
	struct epoll_event event;
	struct pollfd fd = {ends[0], POLLIN, 0};
	char byte;
	pthread_setcanceltype(way->type, NULL);
	waiting = 1;
	while (waiting) {
		if (way->number == 0)
			poll(&fd, 1, -1);
		else if (way->number == 1)
			select(0, NULL, NULL, NULL, NULL);
		else if (way->number == 2)
			epoll_wait(set, &event, 1, -1);
		else if (way->number == 3)
			read(ends[0], &byte, 1);
		else
			epoll_wait(set, &event, 0, 0); /* wrong: cancelled while it is reported */
	}
	return NULL;
}

int main(void)
{
	struct epoll_event event = {EPOLLIN, {0}};
	must(!pipe(ends) && (set = epoll_create1(0)) >= 0, "pipe");
	must(!epoll_ctl(set, EPOLL_CTL_ADD, ends[0], &event), "epoll_ctl");
	for (int i = 0; i < 2000; i++) {
		struct way way = {
			i % 5, i % 10 < 5 ? PTHREAD_CANCEL_DEFERRED : PTHREAD_CANCEL_ASYNCHRONOUS};
		pthread_t thread;
		void *result = NULL;
		waiting = 0;
		must(!pthread_create(&thread, NULL, block, &way), "pthread_create");
		while (!waiting)
			sched_yield();
		pthread_cancel(thread);
		pthread_join(thread, &result);
		must(result == PTHREAD_CANCELED, "cancelled");
		must(i % 100 != 0 || used(), "use");
	}
	must(used() && misused() && used(), "afterwards");
	dprintf(1, "cancel done\n");
	return 0;
}

/* level: note. As netty's epoll transport does it: eventfd and timerfd are edge-triggered and are
 * never read, for each write and each expiry is an edge of its own. */
#include "clean.h"

int main(void)
{
	struct epoll_event events[16];
	int epfd = instance(), wake = must(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
	int timer = must(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC));
	must(add(epfd, wake, EPOLLIN | EPOLLET));
	must(add(epfd, timer, EPOLLIN | EPOLLET));
	for (int i = 0; i < 2000; i++) {
		struct itimerspec soon = {.it_value = {0, 20000}};
		must(timerfd_settime(timer, 0, &soon, NULL));
		must(eventfd_write(wake, 1));
		for (int seen = 0; !seen;) {
			int n = must(epoll_wait(epfd, events, 16, 1000));
			for (int j = 0; j < n; j++)
				seen |= events[j].data.fd == timer;
		}
	}
	close(timer);
	close(wake);
	close(epfd);
	return 0;
}

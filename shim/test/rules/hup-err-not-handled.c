/* A hung-up pipe is taken off the list; then left there. */
#include "rule.h"

static int hung_up(int epfd)
{
	int ends[2];
	must(pipe2(ends, O_CLOEXEC));
	must(add(epfd, ends[0], EPOLLIN));
	close(ends[1]);
	return ends[0];
}

static void right(void)
{
	struct epoll_event event;
	int epfd = instance(), fd = hung_up(epfd);
	must(epoll_wait(epfd, &event, 1, -1));
	if (event.events & EPOLLHUP)
		close(fd);
	close(epfd);
}

static void wrong(void)
{
	struct epoll_event event;
	int epfd = instance(), fd = hung_up(epfd);
	double since = now();
	for (int i = 0; spinning(since, i); i++)
		must(epoll_wait(epfd, &event, 1, -1));
	close(fd);
	close(epfd);
}

/* The array has room for what is asked for, and full batches are served; then it has room for none,
 * for less than is asked for, and batches are only fetched. */
#include "rule.h"

/* Any array of another function's is as good, and one on the heap. */
static void fills_its_array(int epfd)
{
	struct epoll_event events[500], *heap = calloc(500, sizeof(*heap));
	must(epoll_wait(epfd, events, 500, 1));
	must(epoll_wait(epfd, heap, 500, 1));
	free(heap);
}

static void serves_full_batches(int epfd)
{
	struct epoll_event event;
	double since = now();
	int fd = must(eventfd(0, EFD_CLOEXEC));
	eventfd_t count;
	must(add(epfd, fd, EPOLLIN));
	for (int i = 0; spinning(since, i); i++) {
		must(eventfd_write(fd, 1));
		if (must(epoll_wait(epfd, &event, 1, 0)) == 1)
			must(eventfd_read(fd, &count));
	}
	close(fd);
}

static void right(void)
{
	struct epoll_event event;
	int epfd = instance();
	must(epoll_wait(epfd, &event, 1, 0));
	fills_its_array(epfd);
	serves_full_batches(epfd);
	close(epfd);
}

static void larger_than_the_array(int epfd)
{
	struct epoll_event event;
	volatile int claimed = 60; /* all on the stack: nothing else is at risk */
	must(epoll_wait(epfd, &event, claimed, 1));
}

static void fetch_until_not_full(int epfd)
{
	struct epoll_event event;
	double since = now();
	int one = must(eventfd(1, EFD_CLOEXEC)), other = must(eventfd(1, EFD_CLOEXEC));
	must(add(epfd, one, EPOLLIN));
	must(add(epfd, other, EPOLLIN));
	for (int i = 0; spinning(since, i); i++)
		if (must(epoll_wait(epfd, &event, 1, 0)) < 1)
			break;
	close(one);
	close(other);
}

static void wrong(void)
{
	struct epoll_event event;
	int epfd = instance();
	epoll_wait(epfd, &event, 0, 0);
	larger_than_the_array(epfd);
	fetch_until_not_full(epfd);
	close(epfd);
}

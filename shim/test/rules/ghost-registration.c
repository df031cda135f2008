/* A duplicated descriptor is taken off the list before it is closed; then only closed. */
#include "rule.h"

static int duplicated(int epfd, int pair[2])
{
	must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
	must(add(epfd, pair[0], EPOLLIN));
	return must(fcntl(pair[0], F_DUPFD_CLOEXEC, 0));
}

static void wait_a_moment(int epfd)
{
	struct epoll_event event;
	double since = now();
	while (now() - since < 1) /* looks are rare where they take long */
		must(epoll_wait(epfd, &event, 1, 20));
}

static void right(void)
{
	int epfd = instance(), pair[2], copy = duplicated(epfd, pair);
	must(epoll_ctl(epfd, EPOLL_CTL_DEL, pair[0], NULL));
	close(pair[0]);
	wait_a_moment(epfd);
	close(copy);
	close(pair[1]);
	copy = duplicated(epfd, pair);
	close(pair[0]);
	close(copy); /* the last one: the kernel removes the entry */
	close(pair[1]);
	wait_a_moment(epfd);
	close(epfd);
}

static void wrong(void)
{
	int epfd = instance(), pair[2], copy = duplicated(epfd, pair);
	close(pair[0]);
	wait_a_moment(epfd);
	close(copy);
	close(pair[1]);
	close(epfd);
}

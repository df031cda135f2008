/* level: note. As HAProxy does it: results of epoll_ctl are not looked at; EPOLL_CTL_DEL is given
 * an event that was never filled in; interest is dropped lazily, when an event for it comes; both
 * directions are edge-triggered; after fork the child makes an instance of its own. */
#include "clean.h"

enum { ROUNDS = 200 };

static void lazily_unsubscribe(int epfd, int fd)
{
	struct epoll_event nothing; /* not filled in: DEL does not look at it */
	epoll_ctl(epfd, EPOLL_CTL_DEL, fd, &nothing);
}

static void both_edges(int epfd, int pair[2])
{
	char byte;
	struct epoll_event events[4];
	register_with(epfd, EPOLL_CTL_ADD, pair[0], EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, 1);
	for (int i = 0; i < ROUNDS; i++) {
		must((int)write(pair[1], "x", 1));
		int n = must(epoll_wait(epfd, events, 4, 1000));
		for (int j = 0; j < n; j++)
			while (recv(pair[0], &byte, 1, MSG_DONTWAIT) > 0)
				;
	}
}

/* The stream stops wanting input; only when some comes is it taken off. */
static void no_longer_wanted(int epfd, int pair[2])
{
	struct epoll_event events[4];
	register_with(epfd, EPOLL_CTL_MOD, pair[0], EPOLLIN, 1);
	must((int)write(pair[1], "x", 1));
	if (must(epoll_wait(epfd, events, 4, 1000)) != 1)
		exit(99);
	lazily_unsubscribe(epfd, pair[0]);
	if (must(epoll_wait(epfd, events, 4, 10)) != 0)
		exit(99);
}

static void child_has_its_own(int *epfd, int fd)
{
	struct epoll_event events[4];
	pid_t child = must(fork());
	if (child) {
		wait_for(child);
		return;
	}
	close(*epfd);
	*epfd = instance();
	register_with(*epfd, EPOLL_CTL_ADD, fd, EPOLLIN, 1);
	must(epoll_wait(*epfd, events, 4, 200));
	_exit(0);
}

/* For a moment it polls without sleeping, as work is bound to come. */
static void poll_busily(int epfd)
{
	struct epoll_event events[4];
	for (double since = now(); now() - since < 0.2;)
		must(epoll_wait(epfd, events, 4, 0));
}

int main(void)
{
	int epfd = instance(), pair[2];
	tcp_pair(pair);
	both_edges(epfd, pair);
	no_longer_wanted(epfd, pair);
	child_has_its_own(&epfd, pair[0]);
	poll_busily(epfd);
	close(pair[0]);
	close(pair[1]);
	return 0;
}

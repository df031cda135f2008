/* At the limit of descriptors the listener is no longer watched; then it is, and accept fails for
 * ever. */
#include "rule.h"

static int listener_with_guest(void)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof(address);
	int listener = must(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
	must(bind(listener, (struct sockaddr *)&address, length));
	must(listen(listener, 1));
	must(getsockname(listener, (struct sockaddr *)&address, &length));
	int guest = must(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
	must(connect(guest, (struct sockaddr *)&address, length));
	return listener;
}

static void no_descriptors_left(void)
{
	struct rlimit limit;
	must(getrlimit(RLIMIT_NOFILE, &limit));
	limit.rlim_cur = (rlim_t)must(dup(0));
	close((int)limit.rlim_cur);
	must(setrlimit(RLIMIT_NOFILE, &limit));
}

static void right(void)
{
	struct epoll_event event;
	int epfd = instance(), listener = listener_with_guest();
	must(add(epfd, listener, EPOLLIN));
	must(epoll_wait(epfd, &event, 1, -1));
	close(must(accept(listener, NULL, NULL)));
	must(epoll_wait(epfd, &event, 1, 1));
	close(listener);
	close(epfd);
}

static void wrong(void)
{
	struct epoll_event event;
	int epfd = instance(), listener = listener_with_guest();
	must(add(epfd, listener, EPOLLIN));
	no_descriptors_left();
	double since = now();
	for (int i = 0; spinning(since, i); i++) {
		must(epoll_wait(epfd, &event, 1, -1));
		if (accept(listener, NULL, NULL) >= 0 || errno != EMFILE)
			exit(99);
	}
}

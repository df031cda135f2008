/* A child makes an instance of its own; then changes its parent's. */
#include "rule.h"

static void in_child(int epfd)
{
	pid_t child = must(fork());
	if (child == 0) {
		must(poll(NULL, 0, 150));
		int fd = must(eventfd(0, EFD_CLOEXEC)), own = epfd < 0 ? instance() : epfd;
		must(add(own, fd, EPOLLIN));
		exit(0);
	}
	must(waitpid(child, NULL, 0));
}

static void right(void)
{
	int epfd = instance();
	in_child(-1);
	close(epfd);
}

static void wrong(void)
{
	int epfd = instance();
	in_child(epfd);
	close(epfd);
}

/* -1, the result of an earlier failure, is registered. */
#include "rule.h"

static void right(void)
{
	int epfd = instance(), fd = must(eventfd(0, EFD_CLOEXEC));
	must(add(epfd, fd, EPOLLIN));
	struct pollfd disabled = {.fd = -1, .events = POLLIN};
	must(poll(&disabled, 1, 0)); /* in a pollfd -1 is how an entry is disabled */
	close(fd);
	close(epfd);
}

static void wrong(void)
{
	int epfd = instance();
	add(epfd, socket(AF_INET, SOCK_STREAM, 12345), EPOLLIN);
	close(epfd);
}

/* level: note. Standard input is closed, so that the first descriptors a program makes are 0 and 1;
 * or it is /dev/null, which is read to its end once and then left alone. */
#include "clean.h"

static void from_null(void)
{
	struct pollfd p = {.fd = 0, .events = POLLIN};
	char byte;
	close(0);
	if (must(open("/dev/null", O_RDONLY)) != 0)
		exit(99);
	must(poll(&p, 1, 1000));
	if (read(0, &byte, 1) != 0)
		exit(99);
	p.fd = -1;
	for (int i = 0; i < 20; i++)
		must(poll(&p, 1, 2));
}

static void closed(void)
{
	struct epoll_event event;
	eventfd_t count;
	close(0);
	int epfd = instance(), fd = must(eventfd(0, EFD_CLOEXEC));
	if (epfd != 0)
		exit(99);
	must(add(epfd, fd, EPOLLIN));
	for (int i = 0; i < 50; i++) {
		must(eventfd_write(fd, 1));
		must(epoll_wait(epfd, &event, 1, 1000));
		must(eventfd_read(fd, &count));
	}
	close(epfd);
	close(fd);
}

int main(void)
{
	from_null();
	closed();
	return 0;
}

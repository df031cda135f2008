/* level: note. As daemons do it: each number up to a limit is closed, whether it is open or not, in
 * the child before exec and in the daemon itself. */
#include "clean.h"

static void close_all_from(int lowest)
{
	for (int fd = lowest; fd < 1024; fd++)
		close(fd);
}

int main(void)
{
	struct epoll_event event;
	int epfd = instance(), wake = must(eventfd(0, EFD_CLOEXEC));
	must(add(epfd, wake, EPOLLIN));
	must(epoll_wait(epfd, &event, 1, 0));
	pid_t child = must(fork());
	if (child == 0) {
		close_all_from(3);
		execl("/bin/true", "true", (char *)NULL);
		_exit(99);
	}
	wait_for(child);
	close_all_from(3);
	close_all_from(3);
	epfd = instance();
	must(epoll_wait(epfd, &event, 1, 5));
	return 0;
}

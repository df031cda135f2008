/* level: warning. As Go's poller and mio do it: every descriptor is registered once,
 * edge-triggered, for both directions, files too, whose EPERM means that they need no poller (a
 * note is due); it is read until EAGAIN, or until a read is short, and closed without
 * EPOLL_CTL_DEL. */
#include "clean.h"

enum { EVERYTHING = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, SERVED = 60 };

static void files_are_probed(int epfd)
{
	for (int i = 0; i < 20; i++) {
		int fd = must(open("/proc/self/exe", O_RDONLY | O_NONBLOCK | O_CLOEXEC));
		if (add(epfd, fd, EVERYTHING) == 0 || errno != EPERM)
			exit(99);
		must(epoll_ctl(epfd, EPOLL_CTL_DEL, fd, NULL) == 0 ? -1 : 0);
		close(fd);
	}
}

static int serve(int fd)
{
	char text[64];
	ssize_t n = read(fd, text, sizeof(text));
	if (n > 0)
		must((int)write(fd, text, (size_t)n));
	if (n > 0) /* short: a stream has no more just now */
		return 0;
	if (n < 0 && errno == EAGAIN)
		return 0;
	close(fd);
	return 1;
}

int main(void)
{
	struct sockaddr_in address;
	struct epoll_event events[128];
	int epfd = instance(), wake = must(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
	files_are_probed(epfd);
	int listener = nonblocking_listener(&address);
	must(add(epfd, wake, EPOLLIN | EPOLLET));
	must(add(epfd, listener, EVERYTHING));
	pid_t child = clients(&address, SERVED, 1);
	for (int served = 0; served < SERVED;) {
		int n = must(epoll_wait(epfd, events, 128, 5000));
		for (int i = 0; i < n; i++) {
			int fd = events[i].data.fd;
			if (fd != listener) {
				served += serve(fd);
				continue;
			}
			while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >=
				0)
				must(add(epfd, fd, EVERYTHING));
		}
	}
	wait_for(child);
	return 0;
}

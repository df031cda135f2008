/* level: note. As libuv does it: ADD, and MOD when that says EEXIST; an eventfd that wakes the loop
 * is edge-triggered and never read; hang-ups count as both directions; a descriptor that fires and
 * is not watched any more is taken off, whatever that answers; at the limit of descriptors a spare
 * one is closed so that the connection can be accepted and closed. */
#include "clean.h"

static int epfd;

static void watch(int fd, unsigned events)
{
	if (add(epfd, fd, events) < 0)
		must(errno == EEXIST ? modify(epfd, fd, events) : -1);
}

static void wake_by_eventfd(void)
{
	int wake = must(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
	struct epoll_event events[8];
	watch(wake, EPOLLIN | EPOLLET);
	for (int i = 0; i < 1000; i++) {
		must(eventfd_write(wake, 1));
		must(epoll_wait(epfd, events, 8, 1000));
	}
	close(wake);
}

static void change_interest(void)
{
	int pair[2];
	char text[8];
	struct epoll_event events[8];
	must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair));
	for (int i = 0; i < 100; i++) {
		watch(pair[0], EPOLLIN | (i % 2 ? EPOLLOUT : 0));
		must((int)write(pair[1], "x", 1));
		must(epoll_wait(epfd, events, 8, 1000));
		must((int)read(pair[0], text, sizeof(text)));
	}
	close(pair[1]);
	must(epoll_wait(epfd, events, 8, 1000));
	if (!(events[0].events & EPOLLHUP))
		exit(99);
	if (read(pair[0], text, sizeof(text)) != 0)
		exit(99);
	epoll_ctl(epfd, EPOLL_CTL_DEL, pair[0], events);
	close(pair[0]);
}

/* Each connection beyond the limit is taken and dropped, so that the listener is not ready for
 * ever. */
static void accept_with_a_spare(void)
{
	struct sockaddr_in address;
	struct epoll_event events[8];
	int listener = nonblocking_listener(&address),
	    spare = must(open("/", O_RDONLY | O_CLOEXEC));
	watch(listener, EPOLLIN);
	pid_t child = clients(&address, 30, 0);
	limit_descriptors((unsigned)spare + 1);
	for (int dropped = 0; dropped < 30;) {
		must(epoll_wait(epfd, events, 8, 5000));
		int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd >= 0 || (errno != EMFILE && errno != EAGAIN))
			exit(99);
		if (errno == EAGAIN)
			continue;
		close(spare);
		while ((fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
			close(fd);
			dropped++;
		}
		spare = must(open("/", O_RDONLY | O_CLOEXEC));
	}
	wait_for(child);
}

int main(void)
{
	epfd = instance();
	wake_by_eventfd();
	change_interest();
	accept_with_a_spare();
	return 0;
}

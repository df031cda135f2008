/* level: warning. As libev does it: nothing is ever taken off, close does that; the upper half of
 * data is a generation, by which an event of an earlier file of that number is known and ignored,
 * and the whole instance made anew; what epoll refuses with EPERM is always ready (a note is due).
 */
#include "clean.h"

enum { NUMBERS = 64 };

static uint32_t generations[NUMBERS];

static void watch(int epfd, int fd)
{
	uint64_t data = (uint64_t)++generations[fd] << 32 | (uint32_t)fd;
	if (register_with(epfd, EPOLL_CTL_ADD, fd, EPOLLIN, data) < 0 && errno == EEXIST)
		must(register_with(epfd, EPOLL_CTL_MOD, fd, EPOLLIN, data));
}

static void close_and_reuse(int epfd)
{
	struct epoll_event events[8];
	eventfd_t count;
	for (int i = 0; i < 100; i++) {
		int fd = must(eventfd(1, EFD_NONBLOCK | EFD_CLOEXEC));
		watch(epfd, fd);
		int n = must(epoll_wait(epfd, events, 8, 1000));
		if (n != 1 || events[0].data.u64 >> 32 != generations[fd])
			exit(99);
		must(eventfd_read(fd, &count));
		close(fd);
	}
}

static void files_are_always_ready(int epfd)
{
	char text[16];
	struct epoll_event events[8];
	int fd = must(open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
	if (add(epfd, fd, EPOLLIN) == 0 || errno != EPERM)
		exit(99);
	for (int i = 0; i < 20; i++) {
		must(epoll_wait(epfd, events, 8, 0));
		must((int)read(fd, text, sizeof(text)));
	}
	close(fd);
}

/* A child holds a copy for a moment: the stale event is seen, and all begins anew. */
static void stale_event(int *epfd)
{
	struct epoll_event events[8];
	int go[2], fd = must(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
	char byte;
	must(pipe2(go, O_CLOEXEC));
	watch(*epfd, fd);
	pid_t child = must(fork());
	if (child == 0) {
		close(go[1]);
		must((int)read(go[0], &byte, 1) + 1);
		_exit(0);
	}
	must(eventfd_write(fd, 1));
	close(fd);
	generations[fd]++;
	int n = must(epoll_wait(*epfd, events, 8, 1000));
	if (n != 1 || events[0].data.u64 >> 32 == generations[fd])
		exit(99);
	close(*epfd);
	*epfd = instance();
	close(go[1]);
	close(go[0]);
	wait_for(child);
	must(epoll_wait(*epfd, events, 8, 5));
}

int main(void)
{
	int epfd = instance();
	close_and_reuse(epfd);
	files_are_always_ready(epfd);
	stale_event(&epfd);
	close(epfd);
	return 0;
}

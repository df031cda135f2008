/* Calls with more descriptors than a line of the log can hold, each with as many event bits as
 * there can be. */
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <unistd.h>

enum { MANY = 1024, READY = 100 };

int main(void)
{
	static struct pollfd fds[MANY];
	static struct epoll_event events[READY];
	const short asked = POLLIN | POLLPRI | POLLOUT | POLLRDNORM | POLLRDBAND | POLLWRNORM |
			    POLLWRBAND | POLLRDHUP;
	struct rlimit limit;
	struct timeval at_once = {0, 0};
	fd_set set;
	int epfd = epoll_create1(EPOLL_CLOEXEC);
	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	FD_ZERO(&set);
	for (int i = 0; i < READY; i++) {
		int fd = eventfd(1, EFD_CLOEXEC);
		struct epoll_event event = {(uint32_t)asked, {.u64 = UINT64_MAX - (uint64_t)i}};
		if (fd < 0 || epoll_ctl(epfd, EPOLL_CTL_ADD, fd, &event) != 0)
			return 1;
		FD_SET(fd, &set);
	}
	for (int i = 0; i < MANY; i++)
		fds[i] = (struct pollfd){epfd + 1, asked, 0};
	return !(poll(fds, MANY, 0) == MANY && epoll_wait(epfd, events, READY, 0) == READY &&
		 select(epfd + READY + 1, &set, NULL, NULL, &at_once) == READY);
}

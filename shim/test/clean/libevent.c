/* level: warning. As libevent does it: MOD, and ADD when that says ENOENT; ADD, and MOD when that
 * says EEXIST; DEL of what is closed already (a note is due); a timerfd that is armed anew each
 * time and never read; and with select, sets on the heap that are larger than an fd_set. */
#include "clean.h"

enum { HIGH = 1500 };

static void either_way(int epfd)
{
	int fd = must(eventfd(1, EFD_NONBLOCK | EFD_CLOEXEC));
	struct epoll_event events[4];
	eventfd_t count;
	if (modify(epfd, fd, EPOLLIN) < 0)
		must(errno == ENOENT ? add(epfd, fd, EPOLLIN) : -1);
	if (add(epfd, fd, EPOLLIN | EPOLLOUT) < 0)
		must(errno == EEXIST ? modify(epfd, fd, EPOLLIN | EPOLLOUT) : -1);
	must(epoll_wait(epfd, events, 4, 1000));
	must(eventfd_read(fd, &count));
	close(fd);
	if (epoll_ctl(epfd, EPOLL_CTL_DEL, fd, events) == 0 || errno != EBADF)
		exit(99);
	must(epoll_wait(epfd, events, 4, 5));
}

static void arm(int timer, long ns)
{
	struct itimerspec when = {.it_value = {0, ns}};
	must(timerfd_settime(timer, 0, &when, NULL));
}

static void timer_never_read(int epfd)
{
	int timer = must(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC));
	struct epoll_event events[4];
	must(add(epfd, timer, EPOLLIN));
	for (int i = 0; i < 1500; i++) {
		arm(timer, 50000);
		if (must(epoll_wait(epfd, events, 4, 1000)) != 1)
			exit(99);
	}
	close(timer);
}

static void large_sets(void)
{
	struct rlimit limit;
	must(getrlimit(RLIMIT_NOFILE, &limit));
	limit.rlim_cur = limit.rlim_max < 2048 ? limit.rlim_max : 2048;
	must(setrlimit(RLIMIT_NOFILE, &limit));
	int fd = must(eventfd(1, EFD_CLOEXEC)), high = must(fcntl(fd, F_DUPFD_CLOEXEC, HIGH));
	size_t size = (size_t)(high / 64 + 1) * 8;
	uint64_t *asked = calloc(1, size), *set = calloc(1, size);
	asked[high / 64] |= 1ull << (high % 64);
	for (int i = 0; i < 200; i++) {
		struct timeval timeout = {1, 0};
		memcpy(set, asked, size);
		must(select(high + 1, (fd_set *)set, NULL, NULL, &timeout));
		if (!(set[high / 64] >> (high % 64) & 1))
			exit(99);
	}
	free(asked);
	free(set);
	close(high);
	close(fd);
}

int main(void)
{
	int epfd = instance();
	either_way(epfd);
	timer_never_read(epfd);
	close(epfd);
	large_sets();
	return 0;
}

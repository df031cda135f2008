/* level: note. As systemd's sd-event does it: a timerfd and a signalfd for each kind of source,
 * one-shot for those that are enabled once, a descriptor watched with an empty mask to learn of the
 * hang-up alone, and a child that knows by its process number that the instance is not its own. */
#include "clean.h"

#include <signal.h>
#include <sys/signalfd.h>

static pid_t owner;

static int mine(void)
{
	return getpid() == owner;
}

static void timers(int epfd)
{
	int timer = must(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC));
	struct itimerspec every = {{0, 1000000}, {0, 1000000}};
	struct epoll_event event;
	uint64_t expirations;
	must(timerfd_settime(timer, 0, &every, NULL));
	must(add(epfd, timer, EPOLLIN));
	for (int i = 0; i < 50; i++) {
		must(epoll_wait(epfd, &event, 1, 1000));
		must((int)read(timer, &expirations, sizeof(expirations)));
	}
	close(timer);
}

static void signals(int epfd)
{
	sigset_t usr1;
	struct signalfd_siginfo info;
	struct epoll_event event;
	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	must(sigprocmask(SIG_BLOCK, &usr1, NULL));
	int fd = must(signalfd(-1, &usr1, SFD_NONBLOCK | SFD_CLOEXEC));
	must(add(epfd, fd, EPOLLIN));
	for (int i = 0; i < 50; i++) {
		must(kill(getpid(), SIGUSR1));
		must(epoll_wait(epfd, &event, 1, 1000));
		must((int)read(fd, &info, sizeof(info)));
	}
	close(fd);
}

static void enabled_once(int epfd)
{
	struct epoll_event event;
	eventfd_t count;
	int fd = must(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
	must(add(epfd, fd, EPOLLIN | EPOLLONESHOT));
	for (int i = 0; i < 50; i++) {
		must(eventfd_write(fd, 1));
		must(epoll_wait(epfd, &event, 1, 1000));
		must(eventfd_read(fd, &count));
		must(modify(epfd, fd, EPOLLIN | EPOLLONESHOT));
	}
	must(eventfd_write(fd, 1));
	must(epoll_wait(epfd, &event, 1, 1000));
	must(eventfd_read(fd, &count)); /* the source stays off now */
	must(epoll_wait(epfd, &event, 1, 20));
	close(fd);
}

static void hang_up_alone(int epfd)
{
	struct epoll_event event;
	int pair[2];
	must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
	must(add(epfd, pair[0], 0));
	must((int)write(pair[1], "unread", 6));
	must(epoll_wait(epfd, &event, 1, 10));
	close(pair[1]);
	if (must(epoll_wait(epfd, &event, 1, 1000)) != 1 || event.events != EPOLLHUP)
		exit(99);
	must(epoll_ctl(epfd, EPOLL_CTL_DEL, pair[0], NULL));
	char text[8];
	must((int)read(pair[0], text, sizeof(text)));
	close(pair[0]);
}

static void child_keeps_off(int epfd)
{
	pid_t child = must(fork());
	if (child == 0) {
		if (mine())
			exit(99);
		close(epfd);
		_exit(0);
	}
	wait_for(child);
}

int main(void)
{
	owner = getpid();
	int epfd = instance();
	timers(epfd);
	signals(epfd);
	enabled_once(epfd);
	hang_up_alone(epfd);
	child_keeps_off(epfd);
	close(epfd);
	return 0;
}

/* Every call of the family, in order and with each form of its arguments, for the log's tests. What
 * the calls answer is what is logged; it is not looked at here. */
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/time.h>
#include <unistd.h>

static int ends[2], epfd;
static sigset_t few, most, none;
static const struct timespec soon = {0, 1000000}, wrong = {0, 2000000000};

static void interrupted(int number)
{
	(void)number;
}

static void change(int op, int fd, uint32_t events, uint64_t data)
{
	struct epoll_event event = {events, {.u64 = data}};
	epoll_ctl(epfd, op, fd, &event);
}

static void changes(void)
{
	epfd = epoll_create1(EPOLL_CLOEXEC);
	close(epoll_create1(0));
	change(EPOLL_CTL_ADD, ends[0], EPOLLIN, 7);
	change(EPOLL_CTL_ADD, ends[0], EPOLLIN | EPOLLPRI, 0xfedcba9876543210);
	change(EPOLL_CTL_MOD, ends[0], EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET | EPOLLONESHOT, 1);
	change(EPOLL_CTL_MOD, ends[0], EPOLLRDNORM | EPOLLRDBAND | EPOLLIN, (uint32_t)-1);
	change(EPOLL_CTL_ADD, ends[1], EPOLLOUT | EPOLLEXCLUSIVE | 1 << 20, 0);
	change(EPOLL_CTL_MOD, ends[1], 0, 0);
	change(9, ends[0], EPOLLIN, 0);
	epoll_ctl(epfd, EPOLL_CTL_ADD, ends[0], NULL);
	epoll_ctl(epfd, EPOLL_CTL_DEL, ends[1], NULL);
	epoll_ctl(epfd, EPOLL_CTL_DEL, 1000, NULL);
	epoll_ctl(-1, EPOLL_CTL_DEL, ends[0], NULL);
}

static void epoll_waits(void)
{
	struct epoll_event events[4];
	epoll_wait(epfd, events, 4, 0);
	epoll_pwait2(epfd, events, 4, &soon, NULL);
	if (write(ends[1], "x", 1) != 1)
		return;
	epoll_wait(epfd, events, 4, -1);
	epoll_pwait(epfd, events, 4, 10, &few);
	epoll_pwait(epfd, events, 1, 10, NULL);
	epoll_pwait2(epfd, events, 4, &soon, &most);
	epoll_pwait2(epfd, events, 4, NULL, NULL);
	epoll_wait(epfd, events, 0, 0);
	epoll_wait(epfd, (void *)8, 4, 0);
	epoll_wait(1000, events, 4, 0);
}

static void polls(void)
{
	struct pollfd fds[] = {{ends[0], POLLIN | POLLPRI, 0}, {ends[1], POLLOUT, 0},
		{-1, POLLIN, 0}, {1000, POLLIN | POLLRDNORM | POLLRDHUP, 0}, {ends[0], 0, 0}};
	poll(fds, 5, -1);
	poll(fds, 1, 5);
	poll(fds + 2, 1, 1);
	poll(NULL, 0, 0);
	poll(fds, 0, 0);
	poll((void *)8, 2, 0);
	ppoll(fds, 2, &soon, &few);
	ppoll(fds, 2, NULL, NULL);
	ppoll(fds + 2, 1, &soon, &none);
	ppoll(fds, 1, &wrong, NULL);
}

static void selects(void)
{
	struct timeval second = {1, 5}, little = {0, 100};
	fd_set readable, writable, wide;
	FD_ZERO(&readable);
	FD_ZERO(&writable);
	FD_ZERO(&wide);
	FD_SET(ends[0], &readable);
	FD_SET(ends[1], &writable);
	FD_SET(60, &wide);
	select(ends[1] + 1, &readable, &writable, NULL, &second);
	select(ends[0] + 1, &readable, NULL, NULL, NULL);
	select(ends[1] + 1, &readable, NULL, &writable, NULL);
	FD_SET(ends[1], &writable);
	select(ends[0], &readable, NULL, NULL, &little);
	select(61, NULL, &wide, &readable, NULL);
	select(-1, &writable, NULL, NULL, NULL);
	pselect(ends[1] + 1, NULL, &writable, NULL, &soon, &few);
	pselect(0, NULL, NULL, NULL, &soon, &most);
	pselect(ends[1] + 1, NULL, &writable, NULL, &wrong, NULL);
	pselect(ends[1] + 1, NULL, &writable, NULL, NULL, NULL);
}

int main(void)
{
	struct itimerval alarm = {{0, 1000}, {0, 1000}};
	struct sigaction action = {.sa_handler = interrupted};
	struct epoll_event event;
	sigemptyset(&none);
	sigemptyset(&few);
	sigfillset(&most);
	sigdelset(&most, SIGUSR1);
	sigaddset(&few, SIGINT);
	sigaddset(&few, SIGCHLD);
	sigaddset(&few, SIGRTMIN + 1);
	if (pipe(ends) != 0)
		return 1;
	changes();
	epoll_waits();
	polls();
	selects();
	sigaction(SIGALRM, &action, NULL);
	epoll_ctl(epfd, EPOLL_CTL_DEL, ends[0], NULL);
	setitimer(ITIMER_REAL, &alarm, NULL);
	return epoll_wait(epfd, &event, 1, -1) != -1;
}

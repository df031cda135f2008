/* A wait with nothing to come lasts as long as it was asked to, and no call ends it early. */
#include "show.h"

#include <time.h>

enum { LIMIT_MS = 20 };

static int quiet[2], epfd;
static const struct timespec limit = {0, LIMIT_MS * 1000000L};

static long milliseconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* The kernel's timers never fire early; a millisecond goes to the rounding of the two clock
 * readings. */
#define WAITED(name, call)                                                                         \
	do {                                                                                       \
		long began = milliseconds();                                                       \
		SHOW(name, call, "nothing comes");                                                 \
		NOTE_LINE("  lasted: %d\n", milliseconds() - began >= LIMIT_MS - 1);               \
	} while (0)

static fd_set *watched(void)
{
	static fd_set set;
	FD_ZERO(&set);
	FD_SET(quiet[0], &set);
	return &set;
}

static struct timeval *time_left(void)
{
	static struct timeval left;
	left = (struct timeval){0, LIMIT_MS * 1000};
	return &left;
}

int main(void)
{
	must(!pipe(quiet) && (epfd = epoll_create1(0)) >= 0, "prepare");
	struct epoll_event event = {EPOLLIN, {0}};
	struct pollfd fd = {quiet[0], POLLIN, 0};
	int nfds = quiet[0] + 1;
	must(!epoll_ctl(epfd, EPOLL_CTL_ADD, quiet[0], &event), "epoll_ctl");
	WAITED("poll", poll(&fd, 1, LIMIT_MS));
	WAITED("__poll", __poll(&fd, 1, LIMIT_MS));
	WAITED("__poll_chk", __poll_chk(&fd, 1, LIMIT_MS, sizeof fd));
	WAITED("ppoll", ppoll(&fd, 1, &limit, NULL));
	WAITED("__ppoll_chk", __ppoll_chk(&fd, 1, &limit, NULL, sizeof fd));
	WAITED("select", select(nfds, watched(), NULL, NULL, time_left()));
	WAITED("__select", __select(nfds, NULL, NULL, watched(), time_left()));
	WAITED("pselect", pselect(nfds, watched(), NULL, NULL, &limit, NULL));
	WAITED("epoll_wait", epoll_wait(epfd, &event, 1, LIMIT_MS));
	WAITED("epoll_pwait", epoll_pwait(epfd, &event, 1, LIMIT_MS, NULL));
	WAITED("epoll_pwait2", epoll_pwait2(epfd, &event, 1, &limit, NULL));
	WAITED("syscall",
		syscall(SYS_ppoll, &fd, 1, &(struct timespec){0, limit.tv_nsec}, NULL, 8));
	WAITED("syscall", syscall(SYS_epoll_pwait, epfd, &event, 1, LIMIT_MS, NULL, 8));
	return 0;
}

/* Calls whose arguments or answers a C library lays out its own way: each is made and its answer
 * printed. The program is the same for every port; -D_TIME_BITS=64 makes it call the time64 names.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

static int quiet[2], ready[2], set;

#define SHOW(call)                                                                                 \
	do {                                                                                       \
		errno = 0;                                                                         \
		long long result = (call);                                                         \
		printf("%s = %lld, errno %d\n", #call, result, errno);                             \
	} while (0)

static fd_set *only(int fd)
{
	static fd_set bits;
	FD_ZERO(&bits);
	FD_SET(fd, &bits);
	return &bits;
}

/* Seconds and fractions that would be others if read from the other layout. */
static void waits(long seconds, long fraction)
{
	struct pollfd fds[2] = {{quiet[0], POLLIN, 0}, {ready[0], POLLIN, 0}};
	struct epoll_event events[4];
	struct timespec ts = {seconds, fraction};
	struct timeval tv = {seconds, fraction};
	printf("timeout {%ld, %ld}\n", seconds, fraction);
	SHOW(ppoll(fds, 2, &ts, NULL));
	SHOW(pselect(ready[0] + 1, only(ready[0]), NULL, NULL, &ts, NULL));
	SHOW(select(ready[0] + 1, only(ready[0]), NULL, NULL, &tv));
	SHOW(epoll_wait(set, events, 4, -1));
#ifdef __GLIBC__
	SHOW(epoll_pwait2(set, events, 4, &ts, NULL));
#endif
	if (seconds)
		return;
	SHOW(ppoll(fds, 1, &ts, NULL));
	SHOW(pselect(quiet[0] + 1, only(quiet[0]), NULL, NULL, &ts, NULL));
	SHOW(select(quiet[0] + 1, only(quiet[0]), NULL, NULL, &tv));
}

/* A set of one word at the very end of a page: the kernel reads no more, and so must the library.
 */
static void small_sets(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *pages =
		mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	long *word = (long *)(pages + page) - 1;
	struct timeval none = {0, 0};
	SHOW(mprotect(pages + page, page, PROT_NONE));
	*word = 1L << ready[0];
	SHOW(select(8 * sizeof(long), (fd_set *)word, NULL, NULL, &none));
	SHOW(*word == 1L << ready[0]);
	*word = 1L << 30;
	SHOW(select(8 * sizeof(long), (fd_set *)word, NULL, NULL, &none));
	munmap(pages, 2 * page);
}

static void timer(void)
{
	struct itimerspec value = {{0, 0}, {0, 1000000}}, old;
	struct pollfd fd = {timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC), POLLIN, 0};
	unsigned long long expirations = 0;
	SHOW(timerfd_settime(fd.fd, 0, &value, &old));
	SHOW(poll(&fd, 1, -1));
	SHOW(read(fd.fd, &expirations, sizeof(expirations)));
	value.it_value.tv_nsec = 1000000000;
	SHOW(timerfd_settime(fd.fd, 0, &value, NULL));
	SHOW(close(fd.fd));
}

static void flags(void)
{
	int on = 1, copy;
	SHOW(ioctl(quiet[0], FIONBIO, &on));
	SHOW(fcntl(quiet[0], F_GETFL) & O_NONBLOCK);
	SHOW((copy = fcntl(quiet[0], F_DUPFD_CLOEXEC, 40)) == 40);
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	SHOW(fcntl(copy, F_GETLK, &lock));
	SHOW(prctl(PR_SET_NAME, "ports", 0, 0, 0));
	SHOW(close(copy));
}

static void options(void)
{
	struct timeval limit = {3, 250000}, got = {0};
	socklen_t length = sizeof(got);
	SHOW(setsockopt(quiet[0], SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)));
	SHOW(getsockopt(quiet[0], SOL_SOCKET, SO_RCVTIMEO, &got, &length));
	printf("SO_RCVTIMEO {%lld, %ld}\n", (long long)got.tv_sec, (long)got.tv_usec);
}

/* A descriptor passed as SCM_RIGHTS, by each of the four calls. */
static void messages(void)
{
	char space[CMSG_SPACE(sizeof(int))] = {0}, byte = 'x';
	struct iovec part = {&byte, 1};
	struct mmsghdr many = {.msg_hdr = {.msg_iov = &part, .msg_iovlen = 1}};
	struct msghdr *one = &many.msg_hdr;
	for (int way = 0; way < 2; way++) {
		one->msg_control = space;
		one->msg_controllen = sizeof(space);
		struct cmsghdr *rights = CMSG_FIRSTHDR(one);
		rights->cmsg_level = SOL_SOCKET;
		rights->cmsg_type = SCM_RIGHTS;
		rights->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(rights), &ready[1], sizeof(int));
		if (way)
			SHOW(sendmmsg(quiet[1], &many, 1, 0));
		else
			SHOW(sendmsg(quiet[1], one, 0));
		if (way)
			SHOW(recvmmsg(quiet[0], &many, 1, 0, NULL));
		else
			SHOW(recvmsg(quiet[0], one, 0));
		int passed;
		memcpy(&passed, CMSG_DATA(CMSG_FIRSTHDR(one)), sizeof(int));
		SHOW(write(passed, "y", 1));
		SHOW(close(passed));
	}
}

int main(void)
{
	setvbuf(stdout, NULL, _IONBF, 0);
	set = epoll_create1(EPOLL_CLOEXEC);
	socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, quiet);
	socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ready);
	struct epoll_event event = {EPOLLIN, {.u64 = 0x123456789abcdef0}};
	SHOW(epoll_ctl(set, EPOLL_CTL_ADD, ready[0], &event));
	SHOW(write(ready[1], "x", 1));
	SHOW(epoll_wait(set, &event, 1, -1));
	SHOW((long long)event.data.u64);
	waits(0, 3);
	waits(1, 4);
	waits(2147483647, 5);
	small_sets();
	timer();
	flags();
	options();
	messages();
	return 0;
}

/* Right use of descriptors that change behind the library's back, by raw system calls: closed, made
 * again as another kind, received, registered. Nothing here deserves a warning. */
#include "use.h"

static long raw(long number, long first, long second, long third, long fourth)
{
#ifdef __x86_64__
	register long r10 __asm__("r10") = fourth;
	long result;
	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(number), "D"(first), "S"(second), "d"(third), "r"(r10)
			 : "rcx", "r11", "memory");
	return result;
#else
	register long x8 __asm__("x8") = number, x0 __asm__("x0") = first,
			 x1 __asm__("x1") = second, x2 __asm__("x2") = third,
			 x3 __asm__("x3") = fourth;
	__asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3) : "memory");
	return x0;
#endif
}

/* The number was a registered pipe, is closed unseen, and becomes a socket that is used correctly.
 */
static void number_used_again(void)
{
	int ends[2], set = epoll_create1(0), pair[2];
	struct epoll_event event = {EPOLLIN, {.fd = 1}};
	must(!pipe(ends) && !epoll_ctl(set, EPOLL_CTL_ADD, ends[0], &event), "pipe");
	raw(SYS_close, ends[0], 0, 0, 0);
	raw(SYS_close, ends[1], 0, 0, 0);
	must(raw(SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, (long)pair) == 0, "socketpair");
	must(pair[0] == ends[0], "same number");
	must(!epoll_ctl(set, EPOLL_CTL_ADD, pair[0], &event), "add");
	must(write(pair[1], "x", 1) == 1 && epoll_wait(set, &event, 1, 0) == 1, "wait");
	char byte;
	must(read(pair[0], &byte, 1) == 1 && !epoll_ctl(set, EPOLL_CTL_DEL, pair[0], NULL), "read");
	close(pair[0]);
	close(pair[1]);
	close(set);
}

/* Registered by a raw call, changed and removed by the library's. */
static void registered_unseen(void)
{
	int ends[2], set = (int)raw(SYS_epoll_create1, 0, 0, 0, 0);
	struct epoll_event event = {EPOLLIN, {.fd = 1}};
	must(raw(SYS_pipe2, (long)ends, 0, 0, 0) == 0, "pipe2");
	must(raw(SYS_epoll_ctl, set, EPOLL_CTL_ADD, ends[0], (long)&event) == 0, "add");
	must(write(ends[1], "x", 1) == 1 && epoll_wait(set, &event, 1, -1) == 1, "wait");
	must(!epoll_ctl(set, EPOLL_CTL_MOD, ends[0], &event), "change");
	must(!epoll_ctl(set, EPOLL_CTL_DEL, ends[0], &event), "remove");
	must(!epoll_ctl(set, EPOLL_CTL_ADD, ends[0], &event), "add again");
	must(raw(SYS_epoll_ctl, set, EPOLL_CTL_DEL, ends[0], 0) == 0, "remove unseen");
	must(!epoll_ctl(set, EPOLL_CTL_ADD, ends[0], &event), "add once more");
	close(set);
	close(ends[0]);
	close(ends[1]);
}

/* Closed by a call we see, made again unseen: polled and selected, it is open. */
static void made_unseen(void)
{
	int ends[2];
	must(!pipe(ends), "pipe");
	close(ends[0]);
	close(ends[1]);
	must(raw(SYS_pipe2, (long)ends, 0, 0, 0) == 0 && write(ends[1], "x", 1) == 1, "pipe2");
	struct pollfd fd = {ends[0], POLLIN, 0};
	fd_set set;
	struct timeval zero = {0, 0};
	FD_ZERO(&set);
	FD_SET(ends[0], &set);
	must(poll(&fd, 1, -1) == 1 && fd.revents == POLLIN, "poll");
	must(select(ends[0] + 1, &set, NULL, NULL, &zero) == 1, "select");
	close(ends[0]);
	close(ends[1]);
}

static void received(void)
{
	int pair[2], ends[2];
	char byte = 'x', room[CMSG_SPACE(sizeof(int))] = {0};
	struct iovec part = {&byte, 1};
	struct msghdr message = {.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = room,
		.msg_controllen = sizeof room};
	must(!socketpair(AF_UNIX, SOCK_STREAM, 0, pair) && !pipe(ends), "socketpair");
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	*header = (struct cmsghdr){CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS};
	memcpy(CMSG_DATA(header), &ends[0], sizeof(int));
	must(sendmsg(pair[0], &message, 0) == 1, "sendmsg");
	close(ends[0]);
	must(recvmsg(pair[1], &message, 0) == 1, "recvmsg");
	int fd, set = epoll_create1(0);
	memcpy(&fd, CMSG_DATA(header), sizeof fd);
	struct epoll_event event = {EPOLLIN, {.fd = fd}};
	must(!epoll_ctl(set, EPOLL_CTL_ADD, fd, &event) && write(ends[1], "x", 1) == 1, "add");
	must(epoll_wait(set, &event, 1, -1) == 1 && event.data.fd == fd, "wait");
	must(read(fd, &byte, 1) == 1 && !epoll_ctl(set, EPOLL_CTL_DEL, fd, NULL), "remove");
	const int all[] = {fd, set, ends[1], pair[0], pair[1]};
	for (int i = 0; i < 5; i++)
		close(all[i]);
}

int main(void)
{
	for (int i = 0; i < 20; i++) {
		number_used_again();
		registered_unseen();
		made_unseen();
		received();
		must(used(), "use");
	}
	dprintf(1, "unseen done\n");
	return 0;
}

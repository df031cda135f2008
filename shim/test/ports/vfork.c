/* Children of vfork(2) close what they inherited, in the parent's memory, and execute a program or
 * end. What the library knows of the parent's descriptors stays: with "wrong" a misuse of one ends
 * the run. */
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>

static int ends[2], set;

static void must(int holds, const char *what)
{
	if (holds)
		return;
	printf("failed: %s\n", what);
	exit(99);
}

static void in_child(int way)
{
	for (int fd = 3; fd < 64; fd++)
		if (way & 1)
			close(fd);
		else
			dup2(0, fd);
	char *const nothing[] = {NULL}; /* the program may be of another libc: no preload for it */
	if (way & 2)
		execle("/bin/true", "true", (char *)NULL, nothing);
	_exit(way & 2 ? 98 : 0);
}

static void still_there(void)
{
	struct epoll_event event = {0};
	struct pollfd fd = {ends[0], POLLIN, 0};
	must(epoll_wait(set, &event, 1, 0) == 1 && event.data.u64 == 5, "epoll_wait");
	must(poll(&fd, 1, 0) == 1 && fd.revents == POLLIN, "poll");
	must(epoll_ctl(set, EPOLL_CTL_MOD, ends[0], &(struct epoll_event){EPOLLIN, {.u64 = 5}}) ==
			0,
		"epoll_ctl");
}

int main(int argc, char **argv)
{
	struct epoll_event event = {EPOLLIN, {.u64 = 5}};
	(void)argv;
	must(pipe2(ends, O_CLOEXEC) == 0 && write(ends[1], "x", 1) == 1, "pipe2");
	must((set = epoll_create1(EPOLL_CLOEXEC)) >= 0, "epoll_create1");
	must(epoll_ctl(set, EPOLL_CTL_ADD, ends[0], &event) == 0, "EPOLL_CTL_ADD");
	for (int way = 0; way < 8; way++) {
		int status = -1;
		pid_t pid = vfork();
		if (pid == 0)
			in_child(way);
		must(waitpid(pid, &status, 0) == pid && status == 0, "child");
		still_there();
	}
	if (argc > 1) {
		close(ends[0]);
		must(epoll_ctl(set, EPOLL_CTL_DEL, ends[0], NULL) == -1, "EPOLL_CTL_DEL");
	}
	printf("vfork done\n");
	return 0;
}

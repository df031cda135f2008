/* Makers of kinds that take a bare system call or privileges. */
#include "states.h"

#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/io_uring.h>
#include <linux/perf_event.h>
#include <linux/userfaultfd.h>
#include <mqueue.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/fanotify.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

int process(unsigned how)
{
	siginfo_t info;
	pid_t parent = getpid(), child = fork();
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() == parent) /* else it has ended before, and nobody will tell */
			pause();
		_exit(0);
	}
	int fd = (int)syscall(SYS_pidfd_open, child, 0);
	if (how & DATA) {
		kill(child, SIGKILL);
		waitid(P_PID, (id_t)child, &info, WEXITED | (how & EXTRA ? 0 : WNOWAIT));
	}
	return fd;
}

int messages(unsigned how)
{
	struct mq_attr room = {.mq_maxmsg = 2, .mq_msgsize = 8};
	int count = how & FULL ? 2 : how & DATA ? 1 : 0;
	char name[32];
	snprintf(name, sizeof(name), "/sweep-%d", getpid());
	int fd = mq_open(name, O_RDWR | O_CREAT | O_EXCL | O_NONBLOCK, 0600, &room);
	mq_unlink(name);
	while (count--)
		mq_send(fd, "x", 1, 0);
	return fd;
}

int fanotify(unsigned how)
{
	char path[] = "/tmp/sweep-XXXXXX";
	int fd = fanotify_init(FAN_CLOEXEC | FAN_NONBLOCK, O_RDONLY), file = mkstemp(path);
	if (fanotify_mark(fd, FAN_MARK_ADD, FAN_OPEN, AT_FDCWD, path) < 0)
		fd = -1;
	else if (how & DATA)
		close(open(path, O_RDONLY));
	unlink(path);
	close(file);
	return fd;
}

int ring(unsigned how)
{
	struct io_uring_params parameters = {0};
	(void)how;
	return (int)syscall(SYS_io_uring_setup, 1, &parameters);
}

int faults(unsigned how)
{
	struct uffdio_api api = {.api = UFFD_API};
	int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK | UFFD_USER_MODE_ONLY);
	(void)how;
	return fd >= 0 && ioctl(fd, UFFDIO_API, &api) == 0 ? fd : -1;
}

int performance(unsigned how)
{
	struct perf_event_attr event = {.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(event),
		.config = PERF_COUNT_SW_PAGE_FAULTS,
		.disabled = 1,
		.exclude_kernel = 1,
		.exclude_hv = 1};
	(void)how;
	return (int)syscall(SYS_perf_event_open, &event, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
}

int map(unsigned how)
{
	union bpf_attr array = {
		.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 1};
	(void)how;
	return (int)syscall(SYS_bpf, BPF_MAP_CREATE, &array, sizeof(array));
}

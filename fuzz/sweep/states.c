/* The table, and the makers of what neither a network nor privileges are needed for. */
#include "states.h"

#include <errno.h>
#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

const struct state states[] = {
#define STATE(kind, name, truth, refused, make, how) {kind, name, truth, refused, make, how},
#include "states.def"
#undef STATE
};
const int states_count = sizeof(states) / sizeof(states[0]);

int filled(int fd)
{
	static const char block[65536];
	fcntl(fd, F_SETFL, O_NONBLOCK);
	for (size_t size = sizeof(block); size; size /= 16)
		while (write(fd, block, size) > 0)
			;
	return fd;
}

static int put(int fd)
{
	return write(fd, "x", 1) == 1 ? fd : -1;
}

/* --- pipes --- */

static int pipe_end(unsigned how, int end)
{
	int fds[2];
	if (pipe2(fds, O_NONBLOCK))
		return -1;
	if (how & DATA)
		put(fds[1]);
	if (how & FULL)
		filled(fds[1]);
	if (how & PEER_CLOSED)
		close(fds[!end]);
	return fds[end];
}

int pipe_read_end(unsigned how)
{
	return pipe_end(how, 0);
}

int pipe_write_end(unsigned how)
{
	return pipe_end(how, 1);
}

int fifo(unsigned how)
{
	char folder[] = "/tmp/sweep-XXXXXX", path[32];
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/fifo", folder);
	int fd = mkfifo(path, 0600) ? -1
				    : open(path, (how & EXTRA ? O_RDWR : O_RDONLY) | O_NONBLOCK);
	if (how & DATA)
		put(fd);
	if (how & PEER_CLOSED)
		close(open(path, O_WRONLY));
	unlink(path);
	rmdir(folder);
	return fd;
}

/* --- what counts or tells --- */

int event_counter(unsigned how)
{
	int fd = eventfd(how & DATA ? 1 : 0, EFD_NONBLOCK);
	if (how & FULL)
		eventfd_write(fd, UINT64_MAX - 1);
	return fd;
}

int timer(unsigned how)
{
	static const struct itimerspec soon = {{0, 0}, {0, 1}};
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
	if (how & DATA)
		timerfd_settime(fd, 0, &soon, NULL);
	return fd;
}

int signals(unsigned how)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	if (how & DATA)
		raise(SIGUSR1);
	return signalfd(-1, &set, SFD_NONBLOCK);
}

int inotify(unsigned how)
{
	char path[] = "/tmp/sweep-XXXXXX";
	int file = mkstemp(path), fd = inotify_init1(IN_NONBLOCK);
	if (file < 0 || inotify_add_watch(fd, path, IN_MODIFY) < 0)
		return -1;
	if (how & DATA)
		put(file);
	unlink(path); /* IN_ATTRIB: not asked for */
	return fd;
}

int instance(unsigned how)
{
	struct epoll_event event = {EPOLLIN | (how & UNREAD ? EPOLLONESHOT : 0), {.u64 = 1}};
	int fd = epoll_create1(0), counter = event_counter(how);
	if (how & EXTRA)
		epoll_ctl(fd, EPOLL_CTL_ADD, counter, &event);
	if (how & UNREAD)
		epoll_wait(fd, &event, 1, 0);
	return fd;
}

/* --- terminals --- */

int terminal(unsigned how)
{
	int master, slave;
	if (how & EXTRA)
		return posix_openpt(O_RDWR | O_NOCTTY);
	if (openpty(&master, &slave, NULL, NULL, NULL))
		return -1;
	if (how & DATA)
		put(slave);
	if (how & PEER_CLOSED)
		close(slave);
	return master;
}

int terminal_slave(unsigned how)
{
	int master, slave;
	if (openpty(&master, &slave, NULL, NULL, NULL))
		return -1;
	signal(SIGHUP, SIG_IGN);
	if (how & UNREAD)
		put(master);
	if ((how & DATA) && write(master, "line\n", 5) != 5)
		return -1;
	if (how & PEER_CLOSED)
		close(master);
	return slave;
}

/* --- files, and what is none --- */

int file(unsigned how)
{
	char path[] = "/tmp/sweep-XXXXXX";
	int fd = mkstemp(path), reading = open(path, O_RDONLY);
	unlink(path);
	return how & EXTRA ? reading : fd;
}

int directory(unsigned how)
{
	(void)how;
	return open("/", O_RDONLY | O_DIRECTORY);
}

int memory_file(unsigned how)
{
	(void)how;
	return memfd_create("sweep", 0);
}

int null_device(unsigned how)
{
	(void)how;
	return open("/dev/null", O_RDWR);
}

int random_device(unsigned how)
{
	(void)how;
	return open("/dev/random", O_RDONLY | O_NONBLOCK);
}

int proc_file(unsigned how)
{
	(void)how;
	return open("/proc/self/status", O_RDONLY);
}

int mounts(unsigned how)
{
	(void)how;
	return open("/proc/self/mounts", O_RDONLY);
}

int path_only(unsigned how)
{
	(void)how;
	return open("/", O_PATH);
}

/* Free, and too high to be given to the next that is opened. */
int closed_number(unsigned how)
{
	(void)how;
	int fd = fcntl(0, F_DUPFD, 60);
	close(fd);
	return fd;
}

int high_number(unsigned how)
{
	(void)how;
	return 1000; /* the table has 64 places, or 256 */
}

int negative_number(unsigned how)
{
	(void)how;
	return -7;
}

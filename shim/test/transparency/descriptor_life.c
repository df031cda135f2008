/* What makes, copies and closes descriptors: numbers, flags and errors of each. */
#include "show.h"

#include <sys/un.h>

static void show_flags(const char *name, int fd)
{
	if (fd >= 0)
		NOTE_LINE("  %s made: fd_flags=%d status=%#x\n", name, fcntl(fd, F_GETFD),
			fcntl(fd, F_GETFL) & ~O_LARGEFILE);
}

/* MADE: SHOW for a call that returns a new descriptor, its flags, and it is closed again. */
#define MADE(name, call, ...)                                                                      \
	do {                                                                                       \
		int made = -1;                                                                     \
		SHOW(name, made = (call), __VA_ARGS__);                                            \
		show_flags(name, made);                                                            \
		if (made >= 0)                                                                     \
			close(made);                                                               \
	} while (0)

static int (*const closers[])(int) = {close, __close};
static const char *const closer_names[] = {"close", "__close"};

static void closing(void)
{
	const int fds[] = {CLOSED, -1, INT_MAX, INT_MIN};
	for (unsigned c = 0; c < COUNT(closers); c++) {
		for (unsigned i = 0; i < COUNT(fds); i++)
			SHOW(closer_names[c], closers[c](fds[i]), "%d", fds[i]);
		int fd = dup(0);
		SHOW(closer_names[c], closers[c](fd), "%d", fd);
		SHOW(closer_names[c], closers[c](fd), "%d, twice", fd);
	}
	int fd = dup(0);
	SHOW("syscall", syscall(SYS_close, fd), "close, %d", fd);
	SHOW("syscall", syscall(SYS_close, fd), "close, %d, twice", fd);
}

static void ranges(void)
{
	const unsigned bounds[][3] = {{10, 9, 0}, {20, 30, 0}, {20, 30, 99},
		{21, 22, CLOSE_RANGE_CLOEXEC}, {24, 25, CLOSE_RANGE_UNSHARE}, {26, UINT_MAX, 6},
		{20, UINT_MAX, 0}};
	for (unsigned i = 0; i < COUNT(bounds); i++) {
		for (int fd = 19; fd < 28; fd++)
			must(dup2(0, fd) == fd, "dup2");
		SHOW("close_range", close_range(bounds[i][0], bounds[i][1], bounds[i][2]),
			"%u, %u, %u", bounds[i][0], bounds[i][1], bounds[i][2]);
		show_descriptors();
	}
	for (int fd = 19; fd < 28; fd++)
		must(dup2(0, fd) == fd, "dup2");
	SHOW("syscall", syscall(SYS_close_range, 23, 25, 0), "close_range, 23, 25, 0");
	show_descriptors();
	SHOW("closefrom", (closefrom(26), 0), "26");
	show_descriptors();
	SHOW("closefrom", (closefrom(3), 0), "3");
	show_descriptors();
}

static void copying(void)
{
	const int pairs[][2] = {{0, 30}, {0, 30}, {30, 30}, {CLOSED, 30}, {CLOSED, CLOSED}, {0, -1},
		{-1, 30}, {0, INT_MAX}, {1, 31}, {0, 31}};
	for (unsigned i = 0; i < COUNT(pairs); i++) {
		int from = pairs[i][0], to = pairs[i][1];
		SHOW("dup2", dup2(from, to), "%d, %d", from, to);
		SHOW("__dup2", __dup2(from, to), "%d, %d", from, to);
		SHOW("dup3", dup3(from, to, O_CLOEXEC), "%d, %d, O_CLOEXEC", from, to);
		SHOW("dup3", dup3(from, to, 0), "%d, %d, 0", from, to);
		SHOW("dup3", dup3(from, to, 7), "%d, %d, 7", from, to);
		SHOW("syscall", syscall(SYS_dup3, from, to, 0), "dup3, %d, %d, 0", from, to);
#ifdef SYS_dup2
		SHOW("syscall", syscall(SYS_dup2, from, to), "dup2, %d, %d", from, to);
#endif
	}
	MADE("dup", dup(0), "0");
	MADE("dup", dup(CLOSED), "closed");
	MADE("dup", dup(-1), "-1");
	MADE("syscall", syscall(SYS_dup, 0), "dup, 0");
	show_descriptors();
	closefrom(3);
}

static void making_one(void)
{
	const int flags[] = {0, O_CLOEXEC, O_NONBLOCK, O_CLOEXEC | O_NONBLOCK, 1, 12345, -1};
	for (unsigned i = 0; i < COUNT(flags); i++) {
		MADE("eventfd", eventfd(3, flags[i]), "3, %#x", flags[i]);
		MADE("timerfd_create", timerfd_create(CLOCK_MONOTONIC, flags[i]), "%#x", flags[i]);
		MADE("inotify_init1", inotify_init1(flags[i]), "%#x", flags[i]);
		sigset_t *mask = place(0, NULL, sizeof *mask);
		sigemptyset(mask);
		MADE("signalfd", signalfd(-1, mask, flags[i]), "-1, %#x", flags[i]);
		MADE("socket", socket(AF_UNIX, SOCK_STREAM | flags[i], 0), "unix, %#x", flags[i]);
		MADE("socket", socket(AF_INET, SOCK_DGRAM | flags[i], 0), "inet, %#x", flags[i]);
	}
	MADE("inotify_init", inotify_init(), "void");
	MADE("timerfd_create", timerfd_create(99, 0), "99");
	MADE("socket", socket(99, SOCK_STREAM, 0), "99");
	MADE("socket", socket(AF_UNIX, 99, 0), "type 99");
	MADE("syscall", syscall(SYS_eventfd2, 0, O_CLOEXEC), "eventfd2");
	MADE("syscall", syscall(SYS_socket, AF_UNIX, SOCK_STREAM, 0), "socket");
}

static void signal_descriptors(void)
{
	sigset_t *mask = place(0, NULL, sizeof *mask);
	sigemptyset(mask);
	int fd = signalfd(-1, mask, 0);
	SHOW("signalfd", signalfd(fd, mask, 0), "again");
	SHOW("signalfd", signalfd(0, mask, 0), "0");
	SHOW("signalfd", signalfd(CLOSED, mask, 0), "closed");
	EACH_BAD_POINTER(bad)
	{
		SHOW("signalfd", signalfd(fd, bad->pointer, 0), "%s", bad->name);
	}
	close(fd);
}

static void timers(void)
{
	int fd = timerfd_create(CLOCK_MONOTONIC, 0);
	const struct itimerspec times[] = {{{0, 0}, {0, 0}}, {{0, 0}, {0, 1000000000}},
		{{0, -1}, {1, 0}}, {{-1, 0}, {1, 0}}, {{0, 0}, {LONG_MAX, 0}}, {{0, 0}, {0, 0}}};
	for (unsigned i = 0; i < COUNT(times); i++) {
		struct itimerspec *time = place(0, &times[i], sizeof times[i]);
		SHOW("timerfd_settime", timerfd_settime(fd, 0, time, NULL), "time %u", i);
		SHOW("timerfd_settime", timerfd_settime(fd, 99, time, NULL), "time %u, 99", i);
		SHOW("timerfd_settime", timerfd_settime(0, 0, time, NULL), "0, time %u", i);
		SHOW("timerfd_settime", timerfd_settime(CLOSED, 0, time, NULL), "closed, %u", i);
	}
	struct itimerspec *old = place(1, NULL, sizeof *old);
	SHOW("timerfd_settime", timerfd_settime(fd, 0, read_only(), old), "old value");
	EACH_BAD_POINTER(bad)
	{
		SHOW("timerfd_settime", timerfd_settime(fd, 0, bad->pointer, NULL), "%s",
			bad->name);
		SHOW("timerfd_settime", timerfd_settime(fd, 0, read_only(), bad->pointer), "old %s",
			bad->name);
	}
	close(fd);
}

static void making_two(void)
{
	const struct {
		const char *name;
		int (*call)(int *);
	} pipes[] = {{"pipe", pipe}, {"__pipe", __pipe}};
	for (unsigned p = 0; p < COUNT(pipes); p++) {
		SHOW(pipes[p].name, pipes[p].call(place(0, NULL, 8)), "good");
		EACH_BAD_POINTER(bad)
		{
			CRASH(pipes[p].name, pipes[p].call(bad->pointer), "%s", bad->name);
		}
	}
	const int flags[] = {0, O_CLOEXEC, O_NONBLOCK, O_DIRECT, 1, -1};
	for (unsigned i = 0; i < COUNT(flags); i++) {
		SHOW("pipe2", pipe2(place(0, NULL, 8), flags[i]), "%#x", flags[i]);
		int *pair = place(0, NULL, 8);
		SHOW("socketpair", socketpair(AF_UNIX, SOCK_STREAM | flags[i], 0, pair), "%#x",
			flags[i]);
	}
	EACH_BAD_POINTER(bad)
	{
		SHOW("pipe2", pipe2(bad->pointer, 0), "%s", bad->name);
		SHOW("socketpair", socketpair(AF_UNIX, SOCK_STREAM, 0, bad->pointer), "%s",
			bad->name);
	}
	SHOW("socketpair", socketpair(AF_INET, SOCK_STREAM, 0, place(0, NULL, 8)), "inet");
	SHOW("syscall", syscall(SYS_pipe2, place(0, NULL, 8), 0), "pipe2");
	show_descriptors();
	closefrom(3);
}

static void accepting(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0), clients[16];
	must(!bind(listener, (struct sockaddr *)&address, 2), "bind"); /* the kernel names it */
	socklen_t size = sizeof address;
	must(!getsockname(listener, (struct sockaddr *)&address, &size), "getsockname");
	must(!listen(listener, 20), "listen");
	SHOW("accept", accept(listener, NULL, NULL), "nobody");
	SHOW("accept4", accept4(listener, NULL, NULL, 0), "nobody");
	for (unsigned i = 0; i < COUNT(clients); i++) {
		clients[i] = socket(AF_UNIX, SOCK_STREAM, 0);
		must(!connect(clients[i], (struct sockaddr *)&address, size), "connect");
	}
	struct sockaddr *peer = place(0, NULL, 16);
	socklen_t *peer_size = PLACE(1, (socklen_t){16});
	MADE("accept", accept(listener, peer, peer_size), "good");
	MADE("accept4", accept4(listener, peer, peer_size, SOCK_CLOEXEC | SOCK_NONBLOCK), "both");
	MADE("accept4", accept4(listener, NULL, NULL, 1), "bad flag");
	MADE("accept", accept(listener, peer, NULL), "no length");
	MADE("syscall", syscall(SYS_accept4, listener, NULL, NULL, 0), "accept4");
	const int fds[] = {0, CLOSED, -1, clients[0]};
	for (unsigned i = 0; i < COUNT(fds); i++) {
		MADE("accept", accept(fds[i], NULL, NULL), "%d", fds[i]);
		MADE("accept4", accept4(fds[i], NULL, NULL, 0), "%d", fds[i]);
	}
	EACH_BAD_POINTER(bad)
	{
		MADE("accept", accept(listener, bad->pointer, PLACE(1, (socklen_t){16})), "%s",
			bad->name);
		MADE("accept", accept(listener, peer, bad->pointer), "length %s", bad->name);
	}
	closefrom(3);
}

int main(void)
{
	closing();
	ranges();
	copying();
	making_one();
	signal_descriptors();
	timers();
	making_two();
	accepting();
	show_descriptors();
	return 0;
}

/* epoll_create, epoll_ctl and the waits, with raw numbers: every good and bad way to call them. */
#include "show.h"

typedef int wait_function(int, struct epoll_event *, int, int);

static int ready[2], quiet[2], regular, epfd, other;

static int pwait(int fd, struct epoll_event *events, int maxevents, int timeout)
{
	return epoll_pwait(fd, events, maxevents, timeout, NULL);
}

static int pwait2(int fd, struct epoll_event *events, int maxevents, int timeout)
{
	struct timespec time = {timeout / 1000, timeout % 1000 * 1000000};
	return epoll_pwait2(fd, events, maxevents, timeout < 0 ? NULL : &time, NULL);
}

static int raw_wait(int fd, struct epoll_event *events, int maxevents, int timeout)
{
	return syscall(SYS_epoll_pwait, fd, events, maxevents, timeout, NULL, 8);
}

static int raw_ctl(int fd, int op, int target, struct epoll_event *event)
{
	return syscall(SYS_epoll_ctl, fd, op, target, event);
}

static const struct {
	const char *name;
	wait_function *call;
} waits[] = {{"epoll_wait", epoll_wait}, {"epoll_pwait", pwait}, {"epoll_pwait2", pwait2},
	{"syscall", raw_wait}};

static const struct {
	const char *name;
	int (*call)(int, int, int, struct epoll_event *);
} ctls[] = {{"epoll_ctl", epoll_ctl}, {"syscall", raw_ctl}};

static void creates(void)
{
	const int numbers[] = {1, 0, -1, INT_MAX, INT_MIN, EPOLL_CLOEXEC, EPOLL_CLOEXEC | 1};
	for (unsigned i = 0; i < COUNT(numbers); i++) {
		SHOW("epoll_create", epoll_create(numbers[i]), "%d", numbers[i]);
		SHOW("epoll_create1", epoll_create1(numbers[i]), "%d", numbers[i]);
		SHOW("syscall", syscall(SYS_epoll_create1, numbers[i]), "create1, %d", numbers[i]);
#ifdef SYS_epoll_create
		SHOW("syscall", syscall(SYS_epoll_create, numbers[i]), "create, %d", numbers[i]);
#endif
	}
	show_descriptors();
	closefrom(3);
}

static void prepare(void)
{
	must(!pipe(ready) && !pipe(quiet), "pipe");
	must(write(ready[1], "x", 1) == 1, "write");
	regular = open("/proc/self/exe", O_RDONLY);
	epfd = epoll_create1(0);
	other = epoll_create1(EPOLL_CLOEXEC);
	must(regular >= 0 && epfd >= 0 && other >= 0, "open");
}

static const uint32_t masks[] = {0, EPOLLIN, EPOLLOUT, EPOLLIN | EPOLLET, EPOLLONESHOT | EPOLLIN,
	EPOLLEXCLUSIVE | EPOLLIN, EPOLLEXCLUSIVE | EPOLLONESHOT, EPOLLEXCLUSIVE | EPOLLRDHUP,
	EPOLLWAKEUP | EPOLLIN, POLLNVAL | EPOLLIN, 0x00ffc000, 0xffffffff};

static void each_operation(int entry)
{
	const int ops[] = {EPOLL_CTL_ADD, EPOLL_CTL_ADD, EPOLL_CTL_MOD, EPOLL_CTL_DEL,
		EPOLL_CTL_DEL, EPOLL_CTL_MOD, 0, 4, -1};
	const int fds[] = {ready[0], ready[1], regular, epfd, other, CLOSED, -1, INT_MAX};
	for (unsigned m = 0; m < COUNT(masks); m++)
		for (unsigned f = 0; f < COUNT(fds); f++)
			for (unsigned o = 0; o < COUNT(ops); o++) {
				struct epoll_event *event =
					PLACE(0, (struct epoll_event){
							 masks[m], {.u64 = 0x123456789abcdefUL}});
				SHOW(ctls[entry].name,
					ctls[entry].call(epfd, ops[o], fds[f], event),
					"epfd, %d, %d, %#x", ops[o], fds[f], masks[m]);
			}
}

static void bad_operations(int entry)
{
	const int epfds[] = {ready[0], regular, CLOSED, -1, 1, INT_MAX, INT_MIN};
	for (unsigned i = 0; i < COUNT(epfds); i++)
		for (int op = 0; op < 4; op++)
			SHOW(ctls[entry].name,
				ctls[entry].call(epfds[i], op, quiet[0],
					PLACE(0, (struct epoll_event){EPOLLIN, {0}})),
				"%d, %d, quiet", epfds[i], op);
	EACH_BAD_POINTER(bad)
	{
		const int ops[] = {EPOLL_CTL_ADD, EPOLL_CTL_MOD, EPOLL_CTL_DEL, 7};
		for (unsigned o = 0; o < COUNT(ops); o++)
			SHOW(ctls[entry].name,
				ctls[entry].call(epfd, ops[o], quiet[0], bad->pointer),
				"epfd, %d, quiet, %s", ops[o], bad->name);
	}
}

static void nest(void)
{
	int chain[8];
	struct epoll_event event = {EPOLLIN, {.u32 = 7}};
	for (unsigned i = 0; i < COUNT(chain); i++) {
		chain[i] = epoll_create1(0);
		if (i > 0)
			SHOW("epoll_ctl", epoll_ctl(chain[i], EPOLL_CTL_ADD, chain[i - 1], &event),
				"nesting %u", i);
	}
	SHOW("epoll_ctl", epoll_ctl(chain[0], EPOLL_CTL_ADD, chain[3], &event), "a circle");
	for (unsigned i = 0; i < COUNT(chain); i++)
		SHOW("close", close(chain[i]), "chain %u", i);
}

static void arm(uint32_t events)
{
	struct epoll_event event = {events, {.u64 = 0xfedcba9876543210UL}};
	epoll_ctl(epfd, EPOLL_CTL_DEL, ready[0], NULL);
	epoll_ctl(epfd, EPOLL_CTL_DEL, ready[1], NULL);
	must(epoll_ctl(epfd, EPOLL_CTL_ADD, ready[0], &event) == 0, "add");
	event.events = EPOLLOUT;
	event.data.u64 = 1;
	must(epoll_ctl(epfd, EPOLL_CTL_ADD, ready[1], &event) == 0, "add");
}

static void *room(int number)
{
	return place(0, NULL, (size_t)number * sizeof(struct epoll_event));
}

static void each_wait(const char *name, wait_function *call)
{
	const uint32_t kinds[] = {EPOLLIN, EPOLLIN | EPOLLET, EPOLLIN | EPOLLONESHOT, EPOLLPRI};
	for (unsigned k = 0; k < COUNT(kinds); k++) {
		arm(kinds[k]);
		for (int again = 0; again < 3; again++)
			SHOW(name, call(epfd, room(4), 4, 0), "%#x, 4, 0, time %d", kinds[k],
				again);
		for (int again = 0; again < 3; again++)
			SHOW(name, call(epfd, room(1), 1, -1), "%#x, 1, -1, time %d", kinds[k],
				again);
	}
	arm(EPOLLIN);
	const int sizes[] = {
		0, -1, INT_MIN, 1, 2, 3, 1000, INT_MAX / 12, INT_MAX / 12 + 1, INT_MAX};
	for (unsigned i = 0; i < COUNT(sizes); i++)
		SHOW(name, call(epfd, room(2), sizes[i], 0), "room for 2, %d", sizes[i]);
	const int timeouts[] = {-1, -2, INT_MIN, 0, 1, INT_MAX};
	for (unsigned i = 0; i < COUNT(timeouts); i++) {
		SHOW(name, call(epfd, room(2), 2, timeouts[i]), "ready, %d", timeouts[i]);
		if (timeouts[i] >= 0 && timeouts[i] < 10)
			SHOW(name, call(other, room(2), 2, timeouts[i]), "empty, %d", timeouts[i]);
	}
	const int epfds[] = {ready[0], regular, CLOSED, -1, INT_MAX, INT_MIN};
	for (unsigned i = 0; i < COUNT(epfds); i++)
		SHOW(name, call(epfds[i], room(2), 2, 0), "%d, 2, 0", epfds[i]);
	EACH_BAD_POINTER(bad)
	{
		SHOW(name, call(epfd, bad->pointer, 1, 0), "%s, 1", bad->name);
		SHOW(name, call(epfd, bad->pointer, 2, 0), "%s, 2", bad->name);
		SHOW(name, call(other, bad->pointer, 2, 0), "empty, %s, 2", bad->name);
	}
	SHOW(name, call(epfd, room(1), 2, 0), "two ready, room for one, said two");
}

static void pointers_of_pwait(void)
{
	EACH_BAD_POINTER(bad)
	{
		SHOW("epoll_pwait", epoll_pwait(epfd, room(2), 2, 0, bad->pointer), "sigmask %s",
			bad->name);
		SHOW("epoll_pwait2", epoll_pwait2(epfd, room(2), 2, read_only(), bad->pointer),
			"sigmask %s", bad->name);
		CRASH("epoll_pwait2", epoll_pwait2(epfd, room(2), 2, bad->pointer, NULL),
			"timeout %s", bad->name);
		SHOW("syscall", syscall(SYS_epoll_pwait, epfd, room(2), 2, 0, bad->pointer, 8),
			"pwait, sigmask %s", bad->name);
		SHOW("syscall", syscall(SYS_epoll_pwait, epfd, room(2), 2, 0, bad->pointer, 7),
			"pwait, sigmask %s of 7 bytes", bad->name);
	}
	const struct timespec times[] = {{0, 0}, {0, 1}, {0, 1000000000}, {-1, 0}, {0, -1},
		{LONG_MAX, 999999999}, {LONG_MAX, LONG_MAX}};
	for (unsigned i = 0; i < COUNT(times); i++) {
		struct timespec *time = place(1, &times[i], sizeof times[i]);
		SHOW("epoll_pwait2", epoll_pwait2(epfd, room(2), 2, time, NULL), "{%ld, %ld}",
			(long)times[i].tv_sec, times[i].tv_nsec);
		SHOW("syscall", syscall(SYS_epoll_pwait2, epfd, room(2), 2, time, NULL, 8),
			"pwait2, {%ld, %ld}", (long)times[i].tv_sec, times[i].tv_nsec);
	}
}

int main(void)
{
	creates();
	prepare();
	for (unsigned i = 0; i < COUNT(ctls); i++) {
		each_operation(i);
		bad_operations(i);
	}
	nest();
	for (unsigned i = 0; i < COUNT(waits); i++)
		each_wait(waits[i].name, waits[i].call);
#ifdef SYS_epoll_wait
	SHOW("syscall", syscall(SYS_epoll_wait, epfd, room(2), 2, 0), "wait, 2, 0");
	SHOW("syscall", syscall(SYS_epoll_wait, -1, room(2), 2, 0), "wait, -1");
#endif
	pointers_of_pwait();
	show_descriptors();
	return 0;
}

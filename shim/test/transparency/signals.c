/* Signals: every wait is interrupted, no wait is restarted, masks hold exactly during the call. */
#include "show.h"

static int quiet[2], epfd, filler;

static int call_poll(const sigset_t *mask)
{
	struct pollfd fd = {quiet[0], POLLIN, 0};
	return mask ? ppoll(&fd, 1, NULL, mask) : poll(&fd, 1, -1);
}

static int call_poll_alias(const sigset_t *mask)
{
	struct pollfd fd = {quiet[0], POLLIN, 0};
	return mask ? __ppoll_chk(&fd, 1, NULL, mask, sizeof fd)
		    : __poll_chk(&fd, 1, -1, sizeof fd);
}

static int call_select(const sigset_t *mask)
{
	fd_set set;
	FD_ZERO(&set);
	FD_SET(quiet[0], &set);
	int result = mask ? pselect(quiet[0] + 1, &set, NULL, NULL, NULL, mask)
			  : select(quiet[0] + 1, &set, NULL, NULL, NULL);
	NOTE_LINE("  set kept %d\n", FD_ISSET(quiet[0], &set));
	return result;
}

static int call_epoll(const sigset_t *mask)
{
	struct epoll_event event = {0};
	return mask ? epoll_pwait(epfd, &event, 1, -1, mask) : epoll_wait(epfd, &event, 1, -1);
}

static int call_epoll_alias(const sigset_t *mask)
{
	struct epoll_event event = {0};
	return epoll_pwait2(epfd, &event, 1, NULL, mask);
}

static int call_syscall(const sigset_t *mask)
{
	struct pollfd fd = {quiet[0], POLLIN, 0};
	return syscall(SYS_ppoll, &fd, 1, NULL, mask, 8);
}

static const struct {
	const char *name, *masked;
	int (*call)(const sigset_t *);
} waits[] = {{"poll", "ppoll", call_poll}, {"__poll_chk", "__ppoll_chk", call_poll_alias},
	{"select", "pselect", call_select}, {"epoll_wait", "epoll_pwait", call_epoll},
	{"epoll_pwait2", "epoll_pwait2", call_epoll_alias}, {"syscall", "syscall", call_syscall}};

static void interrupted(int flags)
{
	on_signal(SIGALRM, count_signal, flags);
	for (unsigned i = 0; i < COUNT(waits); i++) {
		signals_seen = 0;
		alarms(1);
		SHOW(waits[i].name, waits[i].call(NULL), "interrupted, flags %#x", flags);
		alarms(0);
		NOTE_LINE("  handled %d\n", signals_seen > 0);
	}
}

/* The signal is pending and blocked; only the mask given to the wait lets it in. */
static void masked(void)
{
	sigset_t usr1, usr2, empty;
	sigemptyset(&empty);
	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	usr2 = usr1;
	sigaddset(&usr2, SIGUSR2);
	on_signal(SIGUSR1, count_signal, 0);
	on_signal(SIGALRM, SIG_IGN, 0);
	sigprocmask(SIG_BLOCK, &usr2, NULL);
	for (unsigned i = 0; i < COUNT(waits); i++) {
		signals_seen = 0;
		raise(SIGUSR1);
		SHOW(waits[i].masked, waits[i].call(&empty), "pending, mask lets it in");
		NOTE_LINE("  handled %d mask %#lx\n", (int)signals_seen, signal_mask());
	}
	raise(SIGUSR1);
	struct pollfd ready = {filler, POLLOUT, 0};
	struct timespec zero = {0, 0};
	SHOW("ppoll", ppoll(&ready, 1, &zero, &usr1), "ready, still blocked");
	NOTE_LINE("  handled %d mask %#lx\n", (int)signals_seen, signal_mask());
	SHOW("ppoll", ppoll(&ready, 1, &zero, &empty), "ready and pending");
	NOTE_LINE("  handled %d mask %#lx\n", (int)signals_seen, signal_mask());
	sigprocmask(SIG_SETMASK, &empty, NULL);
	NOTE_LINE("  handled %d mask %#lx\n", (int)signals_seen, signal_mask());
}

static void answer(int number)
{
	(void)number;
	int saved = errno;
	if (++signals_seen == 1)
		write(quiet[1], "answer", 6);
	errno = saved;
}

/* Reads are restarted with SA_RESTART: the handler feeds the pipe only once. */
static void reads(void)
{
	char buffer[16];
	on_signal(SIGALRM, count_signal, 0);
	alarms(1);
	SHOW("read", read(quiet[0], buffer, sizeof buffer), "interrupted");
	alarms(0);
	signals_seen = 0;
	on_signal(SIGALRM, answer, SA_RESTART);
	alarms(1);
	SHOW("read", read(quiet[0], buffer, sizeof buffer), "restarted");
	alarms(0);
	int pair[2];
	must(!socketpair(AF_UNIX, SOCK_STREAM, 0, pair), "socketpair");
	on_signal(SIGALRM, count_signal, 0);
	alarms(1);
	SHOW("recv", recv(pair[0], buffer, sizeof buffer, 0), "interrupted");
	SHOW("recvfrom", recvfrom(pair[0], buffer, 9, 0, NULL, NULL), "interrupted");
	SHOW("accept", accept(pair[0], NULL, NULL), "not listening");
	alarms(0);
	close(pair[0]);
	close(pair[1]);
}

static int nested;

static void use_everything(int number)
{
	(void)number;
	struct pollfd fd = {filler, POLLOUT, 0};
	struct epoll_event event = {0};
	struct timeval zero = {0, 0};
	int saved = errno, copy = dup(filler);
	nested = poll(&fd, 1, 0) == 1 && epoll_wait(epfd, &event, 1, 0) == 0 &&
		 select(0, NULL, NULL, NULL, &zero) == 0 && write(copy, "x", 1) == 1 &&
		 close(copy) == 0 && close(copy) == -1;
	errno = saved;
}

/* The handler runs the same functions inside the call it interrupts. */
static void reentered(void)
{
	on_signal(SIGALRM, use_everything, 0);
	for (unsigned i = 0; i < COUNT(waits); i++) {
		nested = 0;
		alarms(1);
		SHOW(waits[i].name, waits[i].call(NULL), "handler calls the same");
		alarms(0);
		NOTE_LINE("  handler served %d\n", nested);
	}
}

int main(void)
{
	must(!pipe(quiet) && (epfd = epoll_create1(0)) >= 0, "prepare");
	must((filler = open("/dev/null", O_WRONLY)) >= 0, "open");
	struct epoll_event event = {EPOLLIN, {0}};
	must(!epoll_ctl(epfd, EPOLL_CTL_ADD, quiet[0], &event), "epoll_ctl");
	interrupted(0);
	interrupted(SA_RESTART);
	interrupted(SA_NODEFER | SA_RESTART);
	masked();
	reads();
	reentered();
	show_descriptors();
	return 0;
}

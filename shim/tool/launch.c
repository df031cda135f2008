/* fork, exec, wait; and the signals of a process that stands between a shell and a program. */
#include "launch.h"

#include "channel.h"
#include "refuse.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MEANWHILE_MS = 20 };

static volatile sig_atomic_t child;

/* The hang-up of a terminal is told to the leader of its session alone (setsid(2), tty_ioctl(4)).
 */
static bool only_ours(int signal)
{
	return signal == SIGHUP && getsid(0) == getpid();
}

/* Keys pressed at a terminal reach the whole foreground process group, the program among it: what
 * the kernel itself sends is not repeated. Nor is what the program sent to its own group. */
static void forward(int signal, siginfo_t *info, void *context)
{
	int kept = errno;
	(void)context;
	if (child == 0)
		; /* it ended: there is nobody left to tell */
	else if (info->si_code == SI_QUEUE)
		sigqueue(child, signal, info->si_value);
	else if (info->si_code <= 0 ? info->si_pid != child : only_ours(signal))
		kill(child, signal);
	errno = kept;
}

/* Not forwarded: what tells of our own faults and children. SIGPIPE and SIGTTOU are ignored, so
 * that a closed or tostop terminal does not end or stop the reports. */
static void forward_signals(void)
{
	static const int ours[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS, SIGCHLD};
	struct sigaction action = {.sa_sigaction = forward, .sa_flags = SA_SIGINFO | SA_RESTART};
	sigset_t left;
	sigfillset(&action.sa_mask);
	sigfillset(&left);
	for (unsigned i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		sigdelset(&left, ours[i]);
	for (int number = 1; number <= SIGRTMAX; number++)
		if (sigismember(&left, number) == 1)
			sigaction(number, &action, NULL); /* EINVAL for SIGKILL and SIGSTOP */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGTTOU, SIG_IGN);
}

/* A file without format is the shell's, as execvp(3) has it; an ELF file for another machine is
 * not. */
static _Noreturn void become(const struct program *p, char **arguments, int failure)
{
	(p->elf ? execv : execvp)(p->path, arguments);
	int reason = errno;
	_exit(write(failure, &reason, sizeof(reason)) < 0 ? FAILED : NOT_EXECUTABLE);
}

/* errno of the exec, 0 once the descriptor was closed by its success. */
static int exec_error(int fd)
{
	int reason = 0;
	ssize_t got;
	do
		got = read(fd, &reason, sizeof(reason));
	while (got < 0 && errno == EINTR);
	close(fd);
	return got == sizeof(reason) ? reason : 0;
}

static _Noreturn void give_up(int status, const char *path, int reason, const char *fix)
{
	channel_remove();
	refuse(status, "%s: cannot be run: %s; %s", path, strerror(reason), fix);
}

static void check_exec(const char *path, int reason)
{
	if (reason == ENOENT)
		give_up(NOT_FOUND, path, reason, "the interpreter it names may be missing");
	if (reason)
		give_up(NOT_EXECUTABLE, path, reason, "it must be a program for this machine");
}

/* Signals wait while there is a child but no handler yet. An inherited SIG_IGN of SIGCHLD would
 * throw the status away (wait(2), NOTES): only the program gets it back. */
static void start(const struct program *p, char **arguments)
{
	int failure[2];
	sigset_t set, before;
	struct sigaction usual = {.sa_handler = SIG_DFL}, inherited;
	if (pipe2(failure, O_CLOEXEC) < 0)
		give_up(FAILED, p->path, errno, "raise the limit of open files (ulimit -n)");
	sigfillset(&set);
	sigprocmask(SIG_SETMASK, &set, &before);
	sigaction(SIGCHLD, &usual, &inherited);
	pid_t forked = fork();
	if (forked == 0) {
		sigaction(SIGCHLD, &inherited, NULL);
		sigprocmask(SIG_SETMASK, &before, NULL);
		become(p, arguments, failure[1]);
	}
	if (forked < 0)
		give_up(FAILED, p->path, errno, "raise the limit of processes (ulimit -u)");
	child = forked;
	forward_signals();
	sigemptyset(&set);
	sigprocmask(SIG_SETMASK, &set, NULL);
	close(failure[1]);
	check_exec(p->path, exec_error(failure[0]));
}

static void take_signal(int number)
{
	sigset_t only;
	sigemptyset(&only);
	sigaddset(&only, number);
	signal(number, SIG_DFL);
	raise(number);
	sigprocmask(SIG_UNBLOCK, &only, NULL);
}

/* A shell waits for us, not for the program: it must see the stop. But whoever stops the program by
 * its own process id with SIGSTOP will continue only that, and would leave us stopped for ever. */
static void stop_like(int number)
{
	if (number == SIGSTOP && tcgetpgrp(STDIN_FILENO) != getpgrp())
		return;
	take_signal(number);
	if (number != SIGSTOP)
		forward_signals();
}

static bool ended(int *status)
{
	pid_t changed = waitpid(child, status, WNOHANG | WUNTRACED);
	if (changed == child && WIFSTOPPED(*status))
		stop_like(WSTOPSIG(*status));
	else if (changed == child)
		child = 0;
	return child == 0;
}

int launch(const struct program *p, char **arguments, void (*meanwhile)(void))
{
	int status = 0;
	start(p, arguments);
	struct pollfd end = {.fd = (int)syscall(SYS_pidfd_open, child, 0), .events = POLLIN};
	while (!ended(&status)) {
		meanwhile();
		poll(&end, 1, MEANWHILE_MS);
	}
	meanwhile();
	return status;
}

_Noreturn void end_like(int wait_status)
{
	if (WIFEXITED(wait_status))
		exit(WEXITSTATUS(wait_status));
	const struct rlimit none = {0, 0};
	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_DUMPABLE, 0); /* the limit does not hold for a core_pattern that is a pipe */
	take_signal(WTERMSIG(wait_status));
	exit(128 + WTERMSIG(wait_status)); /* the pid 1 of a container survives its own signals */
}

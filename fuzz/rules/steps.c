/* The steps: what is left of them, and the table of all. */
#include "rules.h"

#include "../target.h"

#include "pollcheck.h"

#include <dirent.h>
#include <errno.h>
#include <linux/close_range.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>

enum { TIME_MS = 1200, FORK_MS = 10 };

static timer_t timer;
static bool has_timer, goes_on;

bool signals_come(void)
{
	return has_timer && goes_on;
}

static void seen(int number)
{
	(void)number;
}

static void end_timer(void)
{
	if (has_timer)
		timer_delete(timer);
	has_timer = false;
	signal(SIGUSR2, SIG_IGN);
}

/* One that ends loops, and two that do not; the engine has the usual timer for itself. */
void take_signal(const struct step *s)
{
	static const int numbers[] = {SIGUSR2, SIGWINCH, SIGURG};
	struct sigaction action = {.sa_handler = seen};
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = numbers[s->a % 3]};
	struct itimerspec soon = {
		.it_value = {0, 200000 + s->b * 1000}, .it_interval = {0, s->c % 2 ? 1000000 : 0}};
	end_timer();
	sigaction(event.sigev_signo, &action, NULL);
	has_timer = timer_create(CLOCK_MONOTONIC, &event, &timer) == 0;
	goes_on = s->c % 2;
	if (has_timer)
		timer_settime(timer, 0, &soon, NULL);
}

extern char **environ;
static char *const arguments[] = {(char *)"true", NULL}, *const no_environment[] = {NULL};

static int time_left;

bool time_taken(int ms)
{
	time_left -= ms;
	return time_left >= 0;
}

/* A filter that forbids nothing. */
static void be_confined(void)
{
	struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	struct sock_fprog program = {1, &allow};
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

static void be_child(const struct step *s)
{
	int nowhere = open("/dev/null", O_WRONLY);
	dup2(nowhere, STDERR_FILENO); /* what is found in it has no file of its own */
	switch (s->a % 12) {
	case 1:
		execv("/bin/true", arguments);
		_exit(1);
	case 2:
		epoll_wait(fds[slot(s->b)], reported, EVENTS_ROOM, 0);
		break;
	case 4:
		closefrom(3);
		break;
	case 5:
		execle("/bin/true", "true", NULL, no_environment);
		_exit(1);
	case 6:
		execlp("true", "true", NULL);
		_exit(1);
	case 7:
		close_range(3, 4000, CLOSE_RANGE_CLOEXEC);
		fexecve(open("/bin/true", O_RDONLY | O_CLOEXEC), arguments, environ);
		_exit(1);
	case 8:
		be_confined();
		epoll_wait(fds[slot(s->b)], reported, EVENTS_ROOM, 0);
		break;
	case 9:
		_Exit(0);
	case 10:
		prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, NULL);
		break;
	default:
		epoll_ctl(fds[slot(s->b)], EPOLL_CTL_DEL, fds[slot(s->b + 1)], NULL);
	}
	_exit(0);
}

/* The third is no fork. A program that is executed needs descriptors of its own. */
void take_fork(const struct step *s)
{
	int status = 0;
	pid_t child = -1;
	if (!time_taken(FORK_MS))
		return;
	lift_limit();
	if (s->a % 12 == 3)
		posix_spawn(&child, "/bin/true", NULL, NULL, arguments,
			s->c ? no_environment : environ);
	else
		child = fork();
	if (child == 0)
		be_child(s);
	if (child > 0 && (TEMP_FAILURE_RETRY(waitpid(child, &status, 0)) != child || status != 0))
		target_lost("a child ended with status %#x", (unsigned)status);
}

/* Streams of the C library, which has descriptors under them. */
void take_stream(const struct step *s)
{
	if (!time_taken(FORK_MS))
		return;
	lift_limit();
	FILE *stream = s->a % 4 == 0   ? fopen("/dev/null", "w")
		       : s->a % 4 == 1 ? freopen("/dev/zero", "r", fopen("/dev/null", "r"))
		       : s->a % 4 == 2 ? popen("true", "r")
				       : NULL;
	DIR *folder = stream ? NULL : opendir("/");
	if (s->a % 4 == 2)
		pclose(stream);
	else if (stream)
		fclose(stream);
	if (folder)
		closedir(folder);
}

void take_annotate(const struct step *s)
{
	int fd = fds[slot(s->a)];
	if (s->b % 4 == 0)
		pollcheck_ignore_fd(fd);
	else if (s->b % 4 == 1)
		pollcheck_drained(fd);
	else if (s->b % 4 == 2)
		pollcheck_expect_idle(fd);
	else
		pollcheck_idle_over(fd);
}

void take_pass(const struct step *s)
{
	uint64_t amount = s->a + 256ull * s->b;
	if (s->c == 0)
		clock_pass(amount * 1000000);
	else
		clock_tick(amount * (s->c == 1 ? 1000000 : 1000));
}

void take_again(const struct step *s)
{
	(void)s; /* target.c takes it apart */
}

void step_take(const struct step *s)
{
	static void (*const takes[])(const struct step *) = {
#define OPERATION(name, numbers) take_##name,
#include "operations.def"
#undef OPERATION
	};
	takes[s->operation](s);
}

void steps_begin(uint64_t input)
{
	time_left = TIME_MS;
	descriptors_begin();
	waits_begin(input);
	clock_tick(1000);
	clock_pass(3600000000000);
}

void steps_end(void)
{
	end_timer();
	descriptors_end();
}

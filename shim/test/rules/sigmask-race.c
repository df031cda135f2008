/* A handler sets a flag. The signal is let through during the wait alone, or writes to a pipe, or
 * the wait has a limit; then it may come just before a wait without limit. */
#include "signalled.h"

static volatile sig_atomic_t rung;
static int pipe_to_self[2];

static void note_it(int number)
{
	(void)number;
	rung = 1;
}

static void note_and_write(int number)
{
	(void)number;
	rung = 1;
	if (write(pipe_to_self[1], "", 1) != 1)
		_exit(99);
}

static void on_alarm(void (*handler)(int))
{
	struct sigaction action = {.sa_handler = handler};
	must(sigaction(SIGALRM, &action, NULL));
}

static void let_through_by_ppoll(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	sigset_t alarms, before;
	sigemptyset(&alarms);
	sigaddset(&alarms, SIGALRM);
	must(sigprocmask(SIG_BLOCK, &alarms, &before));
	for (rung = 0; !rung;)
		ppoll(&p, 1, NULL, &before);
	must(sigprocmask(SIG_SETMASK, &before, NULL));
}

static void with_a_pipe(int fd)
{
	struct pollfd fds[2] = {{.fd = fd, .events = POLLIN}, {.events = POLLIN}};
	char byte;
	must(pipe2(pipe_to_self, O_CLOEXEC));
	fds[1].fd = pipe_to_self[0];
	on_alarm(note_and_write);
	for (rung = 0; !rung;)
		poll(fds, 2, -1);
	must((int)read(pipe_to_self[0], &byte, 1));
	on_alarm(note_it);
}

static void with_a_limit(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	for (rung = 0; !rung;)
		poll(&p, 1, 1000);
}

static void right(void)
{
	int pair[2];
	tcp_pair(pair);
	on_alarm(note_it);
	ring_every(5000);
	let_through_by_ppoll(pair[0]);
	with_a_limit(pair[0]);
	with_a_pipe(pair[0]);
	ring_every(0);
	close(pipe_to_self[0]);
	close(pipe_to_self[1]);
	close(pair[0]);
	close(pair[1]);
}

static void wrong(void)
{
	int pair[2];
	tcp_pair(pair);
	struct pollfd p = {.fd = pair[0], .events = POLLIN};
	on_alarm(note_it);
	ring_every(5000);
	for (rung = 0; !rung;)
		poll(&p, 1, -1);
	ring_every(0);
	close(pair[0]);
	close(pair[1]);
}

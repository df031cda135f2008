/* Signals that end waits, sent when the wait is certain to sleep: by a timer that goes on until it
 * is switched off, so that one that comes too soon is followed by another. */
#ifndef SIGNALLED_H
#define SIGNALLED_H

#include "rule.h"

#include <signal.h>
#include <sys/time.h>

static inline void ring(int number)
{
	(void)number;
}

static inline void catch_signal(int number, int flags)
{
	struct sigaction action = {.sa_handler = ring, .sa_flags = flags};
	must(sigaction(number, &action, NULL));
}

static inline void ignore_signal(int number)
{
	must(signal(number, SIG_DFL) == SIG_ERR ? -1 : 0);
}

/* which: ITIMER_REAL gives SIGALRM. */
static inline void ring_every(long microseconds)
{
	struct itimerval every = {{0, microseconds}, {0, microseconds}};
	must(setitimer(ITIMER_REAL, &every, NULL));
}

/* A child that sends number to us until it is told to stop. */
static inline pid_t bell(int number)
{
	pid_t parent = getpid(), child = must(fork());
	if (child)
		return child;
	for (;;) {
		struct timespec pause = {0, 5000000};
		nanosleep(&pause, NULL);
		if (getppid() != parent || kill(parent, number) != 0)
			_exit(0);
	}
}

static inline void silence(pid_t child)
{
	must(kill(child, SIGKILL));
	must(waitpid(child, NULL, 0));
}

#endif

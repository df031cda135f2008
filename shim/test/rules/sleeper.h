/* A thread that waits, and how others learn that it really sleeps there. */
#ifndef SLEEPER_H
#define SLEEPER_H

#include "rule.h"

#include <pthread.h>
#include <sys/syscall.h>

struct sleeper {
	pthread_t thread;
	int (*wait)(void *); /* the call that sleeps */
	void *argument;
	_Atomic int tid;
};

static inline void *sleeper_runs(void *argument)
{
	struct sleeper *s = argument;
	s->tid = (int)syscall(SYS_gettid);
	s->wait(s->argument);
	return NULL;
}

/* The state of the thread, by proc_pid_stat(5); 0 when it is no more. */
static inline char sleeper_state(const struct sleeper *s)
{
	char path[64], line[256] = "";
	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", s->tid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? 0 : read(fd, line, sizeof(line) - 1);
	close(fd);
	const char *behind = got > 0 ? strrchr(line, ')') : NULL;
	return (char)(behind ? behind[2] : 0);
}

/* It does nothing but wait: asleep each time one looks, it sleeps there. */
static inline void sleeper_sleeps(const struct sleeper *s)
{
	for (int seen = 0; seen < 5; usleep(1000))
		seen = s->tid && sleeper_state(s) == 'S' ? seen + 1 : 0;
}

/* Begins s->wait in a thread of its own and returns when it sleeps. */
static inline void sleeper_begins(struct sleeper *s, int (*wait)(void *), void *argument)
{
	s->wait = wait;
	s->argument = argument;
	s->tid = 0;
	if (pthread_create(&s->thread, NULL, sleeper_runs, s))
		exit(99);
	sleeper_sleeps(s);
}

static inline void sleeper_ends(struct sleeper *s)
{
	if (pthread_join(s->thread, NULL))
		exit(99);
}

#endif

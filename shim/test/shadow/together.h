/* Eight threads that work a while, stop, and are compared; signals stop each of them wherever it
 * is, in the middle of what the library does too, while the others go on. */
#ifndef SHADOW_TOGETHER_H
#define SHADOW_TOGETHER_H

#include "acts.h"

#include <pthread.h>
#include <sys/time.h>

enum { THREADS = 8 };

/* What a thread does in a round; what is compared when all have stopped, by one of them. */
static void work(void);
static void compare_all(void);

static pthread_barrier_t barrier;
static long rounds_of_phase;

static void step_aside(int number)
{
	static const struct timespec shortly = {0, 1};
	int error = errno;
	(void)number;
	nanosleep(&shortly, NULL);
	errno = error;
}

static void *thread(void *number)
{
	thread_number = (int)(intptr_t)number;
	chance_begins((uint64_t)thread_number);
	for (long round = 1; round <= rounds; round++) {
		work();
		if (round % rounds_of_phase != 0 && round != rounds)
			continue;
		pthread_barrier_wait(&barrier);
		if (thread_number == 0)
			compare_all();
		pthread_barrier_wait(&barrier);
	}
	return NULL;
}

static void together(long phase)
{
	pthread_t threads[THREADS];
	struct sigaction action = {.sa_handler = step_aside, .sa_flags = SA_RESTART};
	struct itimerval often = {{0, 200}, {0, 200}};
	rounds_of_phase = phase;
	pthread_barrier_init(&barrier, NULL, THREADS);
	must(sigaction(SIGALRM, &action, NULL) == 0, "sigaction");
	for (intptr_t i = 0; i < THREADS; i++)
		must(!pthread_create(&threads[i], NULL, thread, (void *)i), "thread");
	sigaddset(&action.sa_mask, SIGALRM); /* not for this one, which only waits */
	pthread_sigmask(SIG_BLOCK, &action.sa_mask, NULL);
	must(setitimer(ITIMER_REAL, &often, NULL) == 0, "setitimer");
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
}

#endif

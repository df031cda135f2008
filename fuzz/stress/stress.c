/* Stress: sixteen threads take steps of the stateful target's language on the same few numbers,
 * through the library, while signals interrupt them wherever they are and take steps, too. Nothing
 * is compared: this is for the thread sanitizer and helgrind, and for whatever crashes or hangs.
 * usage: stress [seconds [threads [seed]]] */
#include "stateful/model.h"
#include "stateful/system.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { MOST = 64, LAST_NUMBER = 1023 };

static atomic_bool over;
static atomic_ullong taken, interrupted;
static uint64_t seed;
static _Thread_local uint64_t chance;

/* xorshift* */
static uint64_t number(void)
{
	chance ^= chance >> 12;
	chance ^= chance << 25;
	chance ^= chance >> 27;
	return chance * 0x2545f4914f6cdd1du;
}

/* Nobody knows what is behind a number here. */
size_t model_writes(const struct step *s)
{
	return (size_t)BLOCK(s);
}

/* The child of a fork would be every thread's; pipes and sockets are told of in the other targets.
 */
static struct step some_step(void)
{
	struct program p;
	uint64_t bytes = number();
	do
		program_read(&p, (const uint8_t *)&bytes, sizeof(bytes));
	while ((p.steps[0].operation == FORK || p.steps[0].operation == CHILD_ENDS ||
		       p.steps[0].operation == WAIT_MEANWHILE) &&
		(bytes = number()));
	return p.steps[0];
}

static void take_step(void)
{
	struct step s = some_step();
	struct pollfd fds[NUMBERS];
	system_step(&library, &s, 1);
	for (int i = 0; i < NUMBERS; i++)
		fds[i] = (struct pollfd){base + i, (short)s.events, 0};
	library.poll(fds, NUMBERS, 1); /* to the library, 0 would be a probe */
	atomic_fetch_add_explicit(&taken, 1, memory_order_relaxed);
}

/* What an interrupted thread had in hand, the library must not confuse with what is done here. */
static void on_signal(int signal)
{
	struct epoll_event events[2];
	int error = errno;
	(void)signal;
	library.epoll_wait(base + (int)(number() % NUMBERS), events, 2, 0, (unsigned)number());
	library.close(base + (int)(number() % NUMBERS));
	atomic_fetch_add_explicit(&interrupted, 1, memory_order_relaxed);
	errno = error;
}

static void *thread(void *which)
{
	chance = ((seed + 1) * 0x9e3779b97f4a7c15u + (uint64_t)(uintptr_t)which) | 1;
	while (!atomic_load_explicit(&over, memory_order_relaxed)) {
		take_step();
		if (number() % 64 == 0) /* births beyond our numbers must not pile up */
			library.close_range((unsigned)(base + NUMBERS), LAST_NUMBER, 0);
	}
	return NULL;
}

static void run(long seconds, long threads)
{
	pthread_t all[MOST];
	struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
	struct itimerval often = {{0, 500}, {0, 500}};
	sigaction(SIGALRM, &action, NULL);
	for (long i = 0; i < threads; i++)
		if (pthread_create(&all[i], NULL, thread, (void *)i) != 0)
			exit(2);
	sigaddset(&action.sa_mask, SIGALRM); /* not for this one, which only waits */
	pthread_sigmask(SIG_BLOCK, &action.sa_mask, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
	nanosleep(&(struct timespec){seconds, 0}, NULL);
	atomic_store(&over, true);
	setitimer(ITIMER_REAL, &(struct itimerval){{0, 0}, {0, 0}}, NULL);
	for (long i = 0; i < threads; i++)
		pthread_join(all[i], NULL);
}

int main(int argc, char **argv)
{
	long seconds = argc > 1 ? strtol(argv[1], NULL, 10) : 10;
	long threads = argc > 2 ? strtol(argv[2], NULL, 10) : 16;
	seed = argc > 3 ? strtoull(argv[3], NULL, 10) : (uint64_t)time(NULL);
	if (seconds < 1 || threads < 1 || threads > MOST) {
		fprintf(stderr, "usage: stress [seconds [threads (at most %d) [seed]]]\n", MOST);
		return 2;
	}
	system_begins();
	run(seconds, threads);
	printf("stress: %llu steps by %ld threads in %ld s, %llu signals, seed %llu\n",
		(unsigned long long)taken, threads, seconds, (unsigned long long)interrupted,
		(unsigned long long)seed);
	return taken && interrupted ? 0 : 1;
}

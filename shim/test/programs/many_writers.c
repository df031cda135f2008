/* many_writers ROUNDS: 8 threads in each of 4 processes poll at once. The number of a disabled
 * entry names thread and round, so that each line of a log can be told from all others. Prints the
 * processes. */
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PROCESSES = 4, THREADS = 8 };

static int rounds;

static void *wait_often(void *number)
{
	for (int i = 0; i < rounds; i++) {
		struct pollfd fd = {-1 - (int)(intptr_t)number * rounds - i, POLLIN, 0};
		poll(&fd, 1, 0);
	}
	return NULL;
}

static int run_threads(void)
{
	pthread_t threads[THREADS];
	for (intptr_t i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, wait_often, (void *)i) != 0)
			return 1;
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	return 0;
}

int main(int count, char **arguments)
{
	int status, failed = count != 2;
	rounds = failed ? 0 : atoi(arguments[1]);
	for (int i = 0; i < PROCESSES; i++) {
		pid_t pid = fork();
		if (pid == 0)
			_exit(run_threads());
		printf("%d\n", pid);
	}
	for (int i = 0; i < PROCESSES; i++)
		failed |= wait(&status) < 0 || status != 0;
	return failed;
}

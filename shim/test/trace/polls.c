/* polls TIMES [THREADS [CHILDREN]]: polls so often in each thread of each process, each time with
 * another number: thread << 24 | time, below zero. */
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static int times;

static void *often(void *thread)
{
	for (int n = 1; n <= times; n++) {
		struct pollfd fd = {.fd = -((int)(intptr_t)thread << 24 | n), .events = POLLIN};
		poll(&fd, 1, 0);
	}
	return NULL;
}

static int in_threads(int count)
{
	pthread_t threads[count + 1];
	int failed = 0;
	for (intptr_t i = 1; i < count; i++)
		failed |= pthread_create(&threads[i], NULL, often, (void *)(i % 127));
	often(NULL);
	for (int i = 1; i < count; i++)
		failed |= pthread_join(threads[i], NULL);
	return failed;
}

int main(int count, char **arguments)
{
	int threads = count > 2 ? atoi(arguments[2]) : 1;
	int children = count > 3 ? atoi(arguments[3]) : 0, failed = count < 2, status;
	times = failed ? 0 : atoi(arguments[1]);
	for (int i = 0; i < children; i++)
		if (fork() == 0)
			_exit(in_threads(threads));
	for (int i = 0; i < children; i++)
		failed |= wait(&status) < 0 || status != 0;
	return failed | in_threads(threads);
}

/* polls TIMES [THREADS [CHILDREN [ENTRIES]]]: polls so often in each thread of each process, each
 * time with another number: thread << 24 | time, below zero. All other entries are no descriptors,
 * and so POLLNVAL is answered. */
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ENTRIES_MOST = 1024 };
static int times, entries = 1;

static void *often(void *thread)
{
	struct pollfd fds[ENTRIES_MOST];
	for (int i = 0; i < entries; i++)
		fds[i] = (struct pollfd){.fd = INT_MAX, .events = POLLIN};
	for (int n = 1; n <= times; n++) {
		fds[0].fd = -((int)(intptr_t)thread << 24 | n);
		poll(fds, (nfds_t)entries, 0);
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
	entries = count > 4 ? atoi(arguments[4]) : 1;
	if (entries < 1 || entries > ENTRIES_MOST)
		return 1;
	for (int i = 0; i < children; i++)
		if (fork() == 0)
			_exit(in_threads(threads));
	for (int i = 0; i < children; i++)
		failed |= wait(&status) < 0 || status != 0;
	return failed | in_threads(threads);
}

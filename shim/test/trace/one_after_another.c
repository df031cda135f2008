/* one_after_another THREADS: each polls ten times and ends before the next begins. */
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>

static void *polled(void *nothing)
{
	for (int n = 1; n <= 10; n++) {
		struct pollfd fd = {.fd = -n, .events = POLLIN};
		poll(&fd, 1, 0);
	}
	return nothing;
}

int main(int count, char **arguments)
{
	int threads = count == 2 ? atoi(arguments[1]) : 0;
	for (int i = 0; i < threads; i++) {
		pthread_t thread;
		if (pthread_create(&thread, NULL, polled, NULL) != 0 ||
			pthread_join(thread, NULL) != 0)
			return 1;
	}
	return threads == 0;
}

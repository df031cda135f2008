/* 256 threads at once, five times over; then 2000 one after the other. */
#include "use.h"

#include <pthread.h>

static pthread_barrier_t together;

static void *one_of_many(void *argument)
{
	bool right = used();
	pthread_barrier_wait(&together);
	return right && misused() ? argument : NULL;
}

static void *alone(void *argument)
{
	return used() ? argument : NULL;
}

int main(void)
{
	static pthread_t threads[256];
	pthread_attr_t attributes;
	void *result;
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, 131072);
	must(!pthread_barrier_init(&together, NULL, 256), "barrier");
	for (int round = 0; round < 5; round++) {
		for (int i = 0; i < 256; i++)
			must(!pthread_create(&threads[i], &attributes, one_of_many, threads),
				"thread");
		for (int i = 0; i < 256; i++)
			must(!pthread_join(threads[i], &result) && result, "one of 256");
	}
	for (int i = 0; i < 2000; i++) {
		must(!pthread_create(&threads[0], &attributes, alone, threads), "thread");
		must(!pthread_join(threads[0], &result) && result, "one of 2000");
	}
	show_lowest_descriptor();
	dprintf(1, "crowd done\n");
	return 0;
}

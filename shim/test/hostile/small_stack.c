/* The first calls of the process, findings included, come from threads with the smallest stack. */
#include "use.h"

#include <limits.h>
#include <pthread.h>

static void *work(void *argument)
{
	*(int *)argument = misused() && used() && misused();
	return NULL;
}

static void run_with(const char *what, size_t size)
{
	pthread_attr_t attributes;
	pthread_t thread;
	int right = 0;
	must(!pthread_attr_init(&attributes), "pthread_attr_init");
	int refused = pthread_attr_setstacksize(&attributes, size);
	if (!refused)
		refused = pthread_create(&thread, &attributes, work, &right);
	if (!refused)
		pthread_join(thread, NULL);
	dprintf(1, "%s: refused %d right %d\n", what, refused, right);
}

int main(void)
{
	run_with("16 KiB", 16384);
	for (int i = 0; i < 20; i++)
		run_with("the least", sysconf(_SC_THREAD_STACK_MIN));
	run_with("24 KiB", 24576);
	run_with("the constant", PTHREAD_STACK_MIN);
	return 0;
}

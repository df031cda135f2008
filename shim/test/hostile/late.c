/* Calls after the library's destructors may have run: exit handlers, destructors, other threads. */
#include "use.h"

#include <pthread.h>
#include <stdlib.h>

static int ends[2];

static void say(const char *who)
{
	struct pollfd fd = {ends[0], POLLIN, 0};
	int right = used() && misused() && poll(&fd, 1, 0) == 1;
	dprintf(1, "%s: %d\n", who, right);
}

static void at_exit(void)
{
	say("atexit");
}

static void on_exit_handler(int status, void *argument)
{
	(void)status, (void)argument;
	say("on_exit");
}

__attribute__((destructor(101))) static void last_destructor(void)
{
	say("last destructor");
}

__attribute__((destructor)) static void destructor(void)
{
	say("destructor");
}

static void of_thread(void *argument)
{
	(void)argument;
	say("thread's destructor");
}

static void *in_thread(void *argument)
{
	pthread_key_t key;
	must(!pthread_key_create(&key, of_thread), "pthread_key_create");
	pthread_setspecific(key, ends);
	return argument;
}

/* Goes on while the process exits. */
static void *endless(void *argument)
{
	while (argument)
		if (!used() || !misused())
			abort();
	return NULL;
}

int main(void)
{
	pthread_t thread;
	must(!pipe(ends) && write(ends[1], "x", 1) == 1, "pipe");
	atexit(at_exit);
	on_exit(on_exit_handler, NULL);
	must(!pthread_create(&thread, NULL, in_thread, NULL), "pthread_create");
	pthread_join(thread, NULL);
	for (int i = 0; i < 6; i++)
		must(!pthread_create(&thread, NULL, endless, ends), "pthread_create");
	say("main");
	return 0;
}

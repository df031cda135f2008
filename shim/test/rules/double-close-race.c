/* One owner closes; then two threads close the same number. */
#include "rule.h"

#include <pthread.h>

static void *closer(void *fd)
{
	close(*(int *)fd);
	return NULL;
}

static void in_thread(int *fd)
{
	pthread_t thread;
	if (pthread_create(&thread, NULL, closer, fd) || pthread_join(thread, NULL))
		exit(99);
}

static void right(void)
{
	int fd = must(eventfd(0, EFD_CLOEXEC));
	in_thread(&fd);
	for (int number = 30; number < 60; number++)
		close(number); /* closing a whole range is a habit, not a mistake */
}

static void wrong(void)
{
	int fd = must(eventfd(0, EFD_CLOEXEC));
	in_thread(&fd);
	close(fd);
}

/* level: warning. As servers with a pool do it: the loop takes the head of a request, or sends the
 * head of an answer, and a worker that computes for a while takes or sends the rest. */
#include "../unfinished.h"
#include "clean.h"

#include <pthread.h>

enum { BLOCKED_MS = 5200 };

static struct job {
	enum unfinished which;
	int epfd;
	const int *pair;
	pthread_mutex_t computing;
} job = {.computing = PTHREAD_MUTEX_INITIALIZER};

static void *work(void *argument)
{
	struct job *j = argument;
	pthread_mutex_lock(&j->computing);
	finish(j->which, j->epfd, j->pair);
	return NULL;
}

static void hand_over(enum unfinished which, int epfd, const int pair[2])
{
	pthread_t worker;
	struct epoll_event event;
	job.which = which;
	job.epfd = epfd;
	job.pair = pair;
	pthread_mutex_lock(&job.computing);
	must(-pthread_create(&worker, NULL, work, &job));
	must(epoll_wait(epfd, &event, 1, BLOCKED_MS));
	wait_for_another(epfd);
	pthread_mutex_unlock(&job.computing);
	must(-pthread_join(worker, NULL));
}

int main(void)
{
	each_in_child(hand_over);
	return 0;
}

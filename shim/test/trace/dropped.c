/* dropped TIMES: begins as root, becomes nobody, and polls TIMES times in a thread made after that.
 */
#include "prepare.h"

#include <poll.h>
#include <pthread.h>

static long times;

static void *polls(void *unused)
{
	for (long i = 0; i < times; i++)
		must(poll(NULL, 0, 0));
	return unused;
}

int main(int argc, char **argv)
{
	pthread_t thread;
	times = argc > 1 ? atol(argv[1]) : 1;
	must(poll(NULL, 0, 0));
	must(setuid(65534));
	must(-pthread_create(&thread, NULL, polls, NULL));
	return pthread_join(thread, NULL);
}

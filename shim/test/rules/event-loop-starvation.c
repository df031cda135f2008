/* A fast peer gets a budget a turn; a thread that never waits reads as long as it likes; then one
 * descriptor has the loop for itself. */
#include "stall.h"

#include <pthread.h>
#include <stdatomic.h>

static atomic_int over;
static char text[64];

static void *sends(void *fd)
{
	char more[sizeof(text)] = "";
	while (!atomic_load(&over))
		must(send(*(int *)fd, more, sizeof(more), MSG_NOSIGNAL) > 0 ? 0 : -1);
	return NULL;
}

static void *only_reads(void *fd)
{
	double since = now();
	while (now() - since < 1.3)
		must((int)read(*(int *)fd, text, sizeof(text)));
	return NULL;
}

enum { UNTIMED = 64 }; /* reads of a turn, before the library looks at the clock */

/* Turns of at most budget reads each, for so many seconds. */
static void loop(const int pair[2], int budget, double seconds)
{
	struct pollfd p = {.fd = pair[0], .events = POLLIN};
	double since = now();
	while (now() - since < seconds) {
		must(poll(&p, 1, -1));
		for (int i = 0; i < budget && now() - since < seconds; i++) {
			must((int)read(pair[0], text, sizeof(text)));
			since = i == UNTIMED ? now() : since;
		}
	}
}

static void with_sender(void (*use)(const int *))
{
	pthread_t sender;
	int pair[2];
	must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
	atomic_store(&over, 0);
	must(-pthread_create(&sender, NULL, sends, &pair[1]));
	use(pair);
	atomic_store(&over, 1);
	while (recv(pair[0], text, sizeof(text), MSG_DONTWAIT) > 0)
		;
	must(-pthread_join(sender, NULL));
	close_all(pair, 2);
}

static void fair(const int *pair)
{
	pthread_t reader;
	loop(pair, 16, 1.3);
	must(-pthread_create(&reader, NULL, only_reads, (void *)&pair[0]));
	must(-pthread_join(reader, NULL));
}

/* Rows are counted in one turn of four. */
static void greedy(const int *pair)
{
	for (int i = 0; i < 4; i++)
		loop(pair, 1 << 30, 1.4);
}

static void right(void)
{
	with_sender(fair);
}

static void wrong(void)
{
	with_sender(greedy);
}

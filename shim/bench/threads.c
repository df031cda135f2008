/* threads shared|own THREADS PAIRS: ns for a turn of epoll_wait and read made by THREADS threads at
 * once, on one epoll instance or one each, by libc's own calls and by the program's in turn. */
#include "calls.h"
#include <pthread.h>
#include <sys/eventfd.h>

enum { MOST_THREADS = 64, TURNS = 2000 };

static struct {
	struct calls calls[2];
	const struct calls *now;
	int threads, epfds[MOST_THREADS], fds[MOST_THREADS];
	pthread_barrier_t start, end;
} at;

/* A semaphore that is read stays ready: every turn serves what it was told, and none has to block.
 */
static void watch_one(int *epfd, int *fd)
{
	struct epoll_event event = {.events = EPOLLIN};
	must((*fd = eventfd(UINT32_MAX, EFD_SEMAPHORE)) >= 0, "eventfd");
	must((*epfd = epoll_create1(EPOLL_CLOEXEC)) >= 0, "epoll_create1");
	must(epoll_ctl(*epfd, EPOLL_CTL_ADD, *fd, &event) == 0, "epoll_ctl");
}

static void turns(int epfd, int fd)
{
	struct epoll_event events[64];
	uint64_t value;
	for (int i = 0; i < TURNS; i++) {
		must(at.now->epoll_wait(epfd, events, 64, -1) == 1, "epoll_wait");
		must(at.now->read(fd, &value, sizeof value) == sizeof value, "read");
	}
}

static void *thread(void *number)
{
	int mine = (int)(intptr_t)number;
	for (;;) {
		pthread_barrier_wait(&at.start);
		turns(at.epfds[mine], at.fds[mine]);
		pthread_barrier_wait(&at.end);
	}
	return NULL;
}

static double time_turns(enum variant variant, void *unused)
{
	(void)unused;
	at.now = &at.calls[variant];
	int64_t start = now();
	pthread_barrier_wait(&at.start);
	pthread_barrier_wait(&at.end);
	return (double)(now() - start) / TURNS / at.threads;
}

static void start_threads(int shared)
{
	pthread_t id;
	for (int i = 0; i < at.threads; i++) {
		if (i == 0 || !shared)
			watch_one(&at.epfds[i], &at.fds[i]);
		else
			at.epfds[i] = at.epfds[0], at.fds[i] = at.fds[0];
		must(pthread_create(&id, NULL, thread, (void *)(intptr_t)i) == 0, "pthread_create");
	}
}

int main(int argc, char **argv)
{
	if (argc != 4 || (at.threads = atoi(argv[2])) < 1 || at.threads > MOST_THREADS) {
		fputs("usage: threads shared|own THREADS PAIRS\n", stderr);
		return 2;
	}
	at.calls[NATIVE] = calls_of(libc_itself());
	at.calls[SHIMMED] = calls_of(RTLD_DEFAULT);
	pthread_barrier_init(&at.start, NULL, at.threads + 1);
	pthread_barrier_init(&at.end, NULL, at.threads + 1);
	start_threads(strcmp(argv[1], "shared") == 0);
	alternate(atoi(argv[3]), time_turns, NULL);
	exit(0); /* the threads wait for a start that never comes */
}

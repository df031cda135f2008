/* footprint DESCRIPTORS THREADS: the resident set in bytes at the start, with DESCRIPTORS eventfds
 * open, with each of them registered, with THREADS threads that have each made calls. */
#include "alternate.h"
#include <poll.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* smaps_rollup is exact; VmRSS of /proc/self/status is summed from per-CPU parts and may lag. */
static void say_resident(const char *when)
{
	char line[256];
	long kilobytes = -1;
	FILE *rollup = fopen("/proc/self/smaps_rollup", "r");
	must(rollup != NULL, "/proc/self/smaps_rollup");
	while (fgets(line, sizeof line, rollup))
		sscanf(line, "Rss: %ld", &kilobytes);
	fclose(rollup);
	printf("%s %ld\n", when, kilobytes * 1024);
}

static pthread_barrier_t called, measured;

static void *thread(void *fd)
{
	struct pollfd pollfd = {.fd = *(int *)fd, .events = POLLIN};
	uint64_t value;
	must(poll(&pollfd, 1, 0) == 0, "poll");
	must(read(pollfd.fd, &value, sizeof value) == -1, "read");
	pthread_barrier_wait(&called);
	pthread_barrier_wait(&measured);
	return NULL;
}

static void start_threads(int threads, int fd)
{
	pthread_t id;
	pthread_attr_t attributes;
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, 64 * 1024);
	pthread_barrier_init(&called, NULL, threads + 1);
	pthread_barrier_init(&measured, NULL, threads + 1);
	for (int i = 0; i < threads; i++)
		must(pthread_create(&id, &attributes, thread, &fd) == 0, "pthread_create");
	pthread_barrier_wait(&called);
	say_resident("threads");
	pthread_barrier_wait(&measured);
}

int main(int argc, char **argv)
{
	if (argc != 3) {
		fputs("usage: footprint DESCRIPTORS THREADS\n", stderr);
		return 2;
	}
	int count = atoi(argv[1]), epfd = epoll_create1(EPOLL_CLOEXEC);
	int *fds = calloc(count, sizeof *fds);
	struct epoll_event event = {.events = EPOLLIN};
	for (int i = 0; i < count; i++)
		fds[i] =
			-1; /* touched now, so that its pages are not counted as the descriptors' */
	say_resident("start"); /* twice: the first one makes stdio's buffers */
	say_resident("start");
	for (int i = 0; i < count; i++)
		must((fds[i] = eventfd(0, EFD_NONBLOCK)) >= 0, "eventfd");
	say_resident("opened");
	for (int i = 0; i < count; i++)
		must(epoll_ctl(epfd, EPOLL_CTL_ADD, fds[i], &event) == 0, "epoll_ctl");
	say_resident("registered");
	start_threads(atoi(argv[2]), fds[0]);
	return 0;
}

/* footprint THREADS COUNT...: the resident set in bytes at the start; for each COUNT, with that
 * many more eventfds open and then registered; with THREADS threads that have each made calls. */
#include "limits.h"
#include <poll.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* smaps_rollup is exact; VmRSS of /proc/self/status is summed from per-CPU parts and may lag. */
static long resident(void)
{
	char line[256];
	long kilobytes = -1;
	FILE *rollup = fopen("/proc/self/smaps_rollup", "r");
	must(rollup != NULL, "/proc/self/smaps_rollup");
	while (fgets(line, sizeof line, rollup))
		sscanf(line, "Rss: %ld", &kilobytes);
	fclose(rollup);
	return kilobytes * 1024;
}

/* Asked twice, and what the asking itself touches is not counted as the descriptors': the buffers
 * of stdio, and what the library keeps of these calls. */
static void say_resident(const char *when)
{
	resident();
	printf("%s %ld\n", when, resident());
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

static int epfd, *fds;

/* Its pages are touched now, so that they are not counted either. */
static void make_room(int count)
{
	need_descriptors(count + 16);
	must((epfd = epoll_create1(EPOLL_CLOEXEC)) >= 0, "epoll_create1");
	must((fds = malloc(count * sizeof *fds)) != NULL, "malloc");
	memset(fds, -1, count * sizeof *fds);
	say_resident("start"); /* makes printf's buffer */
	say_resident("start");
}

static void more(int from, int to)
{
	struct epoll_event event = {.events = EPOLLIN};
	for (int i = from; i < to; i++)
		must((fds[i] = eventfd(0, EFD_NONBLOCK)) >= 0, "eventfd");
	say_resident("opened");
	for (int i = from; i < to; i++)
		must(epoll_ctl(epfd, EPOLL_CTL_ADD, fds[i], &event) == 0, "epoll_ctl");
	say_resident("registered");
}

int main(int argc, char **argv)
{
	int all = 0, open = 0;
	if (argc < 3) {
		fputs("usage: footprint THREADS COUNT...\n", stderr);
		return 2;
	}
	for (int i = 2; i < argc; i++)
		all += atoi(argv[i]);
	make_room(all);
	for (int i = 2; i < argc; open += atoi(argv[i++]))
		more(open, open + atoi(argv[i]));
	start_threads(atoi(argv[1]), fds[0]);
	return 0;
}

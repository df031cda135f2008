/* server SECONDS SEED IDLE: a correct server that is not left in peace. Worker threads echo what
 * clients send over a unix socket, each on an epoll instance of its own; IDLE registrations come
 * and go meanwhile, in duplicates too; children are forked, executed and killed; signals interrupt
 * every wait. Once a round all stop, and what the library believes is compared with what the kernel
 * has. Prints a line for each round, and at the end plants misuses (plant.h), one for each line
 * "planted RULE". */
#include "shadow/compare.h"

#include "plant.h"

#include <pthread.h>
#include <signal.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>

enum { WORKERS = 4, ROUND_MS = 2000, CHILDREN = 8 };

struct worker {
	pthread_t thread;
	int epfd, wake;
};

static struct worker workers[WORKERS];
static _Atomic bool stopping, resting;
static pthread_barrier_t barrier;
static _Atomic long served, churned, children;

/* No registration here is armed and disarmed by two threads at once. */
static bool may_be_uncertain(const struct pollcheck_entry *entry)
{
	(void)entry;
	return false;
}

static void watch(int epfd, int fd, uint32_t events)
{
	struct epoll_event event = {.events = events, .data.fd = fd};
	int result = epoll_ctl(epfd, EPOLL_CTL_ADD, fd, &event);
	must(noted("epoll_ctl ADD", epfd, fd, &event, result) == 0, "epoll_ctl ADD");
}

static void unwatch_and_close(int epfd, int fd)
{
	int result = epoll_ctl(epfd, EPOLL_CTL_DEL, fd, NULL);
	must(noted("epoll_ctl DEL", epfd, fd, NULL, result) == 0, "epoll_ctl DEL");
	must(noted("close", fd, -1, NULL, close(fd)) == 0, "close");
}

/* --- connections --- */

/* Edge-triggered: until EAGAIN. What does not fit is the client's loss: it reads all it is sent. */
static void serve(int epfd, int fd)
{
	char text[4096];
	for (;;) {
		ssize_t got = read(fd, text, sizeof(text));
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 && errno == EAGAIN)
			return;
		if (got <= 0) {
			unwatch_and_close(epfd, fd);
			return;
		}
		atomic_fetch_add(&served, 1);
		while (send(fd, text, (size_t)got, MSG_NOSIGNAL) < 0 && errno == EINTR)
			;
	}
}

static void rest_if_asked(int wake)
{
	uint64_t count;
	if (read(wake, &count, sizeof(count)) < 0)
		must(errno == EAGAIN || errno == EINTR, "eventfd");
	if (!atomic_load(&resting))
		return;
	pthread_barrier_wait(&barrier);
	pthread_barrier_wait(&barrier);
}

static void *work(void *argument)
{
	struct worker *self = argument;
	struct epoll_event events[64];
	while (!atomic_load(&stopping)) {
		int ready = epoll_wait(self->epfd, events, 64, -1);
		must(ready >= 0 || errno == EINTR, "epoll_wait");
		for (int i = 0; i < ready; i++)
			if (events[i].data.fd == self->wake)
				rest_if_asked(self->wake);
			else
				serve(self->epfd, events[i].data.fd);
	}
	return NULL;
}

static int listener_on(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	strncpy(address.sun_path, path, sizeof(address.sun_path) - 1);
	must(fd >= 0 && bind(fd, (void *)&address, sizeof(address)) == 0 && listen(fd, 64) == 0,
		path);
	return fd;
}

static void accept_all(int listener)
{
	int fd;
	while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0)
		watch(workers[below(WORKERS)].epfd, fd, EPOLLIN | EPOLLRDHUP | EPOLLET);
	must(errno == EAGAIN || errno == EINTR || errno == ECONNABORTED, "accept4");
}

/* --- idle registrations --- */

static int *idle, idle_epfd, idles;

static void idle_born(int i)
{
	must((idle[i] = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) >= 0, "eventfd");
	watch(idle_epfd, idle[i], one_in(2) ? EPOLLIN : EPOLLIN | EPOLLET);
}

static void idle_changed(void)
{
	int i = (int)below((uint32_t)idles), copy;
	struct epoll_event event = {.events = EPOLLIN | EPOLLPRI, .data.fd = idle[i]};
	atomic_fetch_add(&churned, 1);
	switch (below(4)) {
	case 0: /* the number moves: the registration is made anew under the other */
		must((copy = fcntl(idle[i], F_DUPFD_CLOEXEC, 0)) >= 0, "dup");
		unwatch_and_close(idle_epfd, idle[i]);
		watch(idle_epfd, idle[i] = copy, EPOLLIN);
		return;
	case 1:
		must(epoll_ctl(idle_epfd, EPOLL_CTL_MOD, idle[i], &event) == 0, "epoll_ctl MOD");
		return;
	case 2: /* closing the only descriptor ends the registration, too (epoll(7)) */
		must(close(idle[i]) == 0, "close");
		idle_born(i);
		return;
	default:
		unwatch_and_close(idle_epfd, idle[i]);
		idle_born(i);
	}
}

/* Each instance meets each number once, as in hours it would: a table that grows after that grows
 * for another reason. */
static void meet_all_numbers(void)
{
	int spare[1000], spares = 0;
	while (spares < 1000)
		must((spare[spares++] = eventfd(0, EFD_CLOEXEC)) >= 0, "eventfd");
	for (int w = 0; w < WORKERS; w++)
		for (int i = 0; i < idles + spares; i++) {
			int fd = i < idles ? idle[i] : spare[i - idles];
			watch(workers[w].epfd, fd, EPOLLIN);
			must(epoll_ctl(workers[w].epfd, EPOLL_CTL_DEL, fd, NULL) == 0, "epoll_ctl");
		}
	for (int i = 0; i < spares; i++) {
		watch(idle_epfd, spare[i], EPOLLIN);
		unwatch_and_close(idle_epfd, spare[i]);
	}
}

/* --- processes and signals --- */

static void child_made(void)
{
	char *const arguments[] = {"true", NULL};
	uint32_t way = below(3);
	pid_t child = fork();
	must(child >= 0, "fork");
	if (child == 0 && way == 0)
		execv("/bin/true", arguments);
	if (child == 0)
		way == 1 ? _exit(0) : (void)pause();
	if (way == 2)
		kill(child, SIGKILL);
	while (waitpid(child, NULL, 0) < 0)
		must(errno == EINTR, "waitpid");
	atomic_fetch_add(&children, 1);
}

static void interrupted(int number)
{
	(void)number;
}

static void signals_every(int microseconds)
{
	struct sigaction action = {.sa_handler = interrupted};
	struct itimerval often = {{0, microseconds}, {0, microseconds}};
	sigemptyset(&action.sa_mask);
	must(sigaction(SIGALRM, &action, NULL) == 0 && setitimer(ITIMER_REAL, &often, NULL) == 0,
		"signals");
}

/* --- rounds --- */

static void all_rest(bool rest)
{
	uint64_t one = 1;
	atomic_store(&resting, rest);
	for (int i = 0; rest && i < WORKERS; i++)
		must(write(workers[i].wake, &one, sizeof(one)) == sizeof(one), "wake");
	pthread_barrier_wait(&barrier);
}

static long milliseconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void round_of(int listener)
{
	long end = milliseconds() + ROUND_MS;
	while (milliseconds() < end) {
		accept_all(listener);
		for (int i = 0; i < 50; i++)
			idle_changed();
		if (one_in(20))
			child_made();
	}
	all_rest(true);
	for (int i = 0; i < WORKERS; i++)
		compare_instance(workers[i].epfd);
	compare_instance(idle_epfd);
	printf("round: served %ld, changed %ld, children %ld, compared %ld\n", atomic_load(&served),
		atomic_load(&churned), atomic_load(&children), compared);
	fflush(stdout);
	all_rest(false);
}

static void workers_begin(void)
{
	pthread_barrier_init(&barrier, NULL, WORKERS + 1);
	for (int i = 0; i < WORKERS; i++) {
		struct worker *w = &workers[i];
		must((w->epfd = epoll_create1(EPOLL_CLOEXEC)) >= 0, "epoll_create1");
		must((w->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) >= 0, "eventfd");
		watch(w->epfd, w->wake, EPOLLIN);
		must(pthread_create(&w->thread, NULL, work, w) == 0, "pthread_create");
	}
}

static void workers_end(void)
{
	uint64_t one = 1;
	atomic_store(&stopping, true);
	for (int i = 0; i < WORKERS; i++) {
		must(write(workers[i].wake, &one, sizeof(one)) == sizeof(one), "wake");
		pthread_join(workers[i].thread, NULL);
	}
}

int main(int argc, char **argv)
{
	must(argc == 4, "usage: server SECONDS SEED IDLE");
	begin(argc, argv, 60);
	idles = atoi(argv[3]);
	must(open_files() > idles + 1100, "more open files: ulimit -Hn");
	must((idle = calloc((size_t)idles, sizeof(*idle))) != NULL, "memory");
	compare_begins();
	must((idle_epfd = epoll_create1(EPOLL_CLOEXEC)) >= 0, "epoll_create1");
	for (int i = 0; i < idles; i++)
		idle_born(i);
	workers_begin();
	meet_all_numbers();
	signals_every(7000);
	int listener = listener_on("socket");
	for (long end = milliseconds() + rounds * 1000; milliseconds() < end;)
		round_of(listener);
	workers_end();
	signals_every(0);
	close(listener);
	plant_all();
	return finish();
}

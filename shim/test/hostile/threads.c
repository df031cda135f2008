/* Eight threads make, watch, copy, close and fork over the same numbers, for the race detectors. */
#include "use.h"

#include <pthread.h>
#include <stdatomic.h>

enum { THREADS = 8, ROUNDS = 400, SHARED = 16 };

static int set, shared[SHARED][2];
static atomic_int failures;

static unsigned next(unsigned *state)
{
	*state = *state * 1103515245u + 12345u;
	return *state >> 16;
}

static void register_shared(unsigned number)
{
	struct epoll_event event = {EPOLLIN | EPOLLONESHOT, {.u32 = number}};
	const int ops[] = {EPOLL_CTL_ADD, EPOLL_CTL_MOD, EPOLL_CTL_DEL};
	epoll_ctl(set, ops[number % 3], shared[number % SHARED][0], &event);
}

static void wait_shared(unsigned number)
{
	struct epoll_event events[4];
	struct pollfd fds[2] = {{shared[number % SHARED][0], POLLIN, 0}, {set, POLLIN, 0}};
	char byte;
	int ready = epoll_wait(set, events, 4, 0);
	for (int i = 0; i < ready; i++)
		recv(shared[events[i].data.u32 % SHARED][0], &byte, 1, MSG_DONTWAIT);
	poll(fds, 2, 0);
	send(shared[number % SHARED][1], "x", 1, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* Replaces a shared descriptor under its number, while others wait for it. */
static void replace_shared(unsigned number)
{
	int pair[2];
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0)
		return;
	dup2(pair[0], shared[number % SHARED][0]);
	dup2(pair[1], shared[number % SHARED][1]);
	close(pair[0]);
	close(pair[1]);
}

static void fork_one(void)
{
	pid_t pid = fork();
	if (pid == 0)
		_exit(used() ? 0 : 1);
	int status = 0;
	if (waitpid(pid, &status, 0) != pid || status != 0)
		failures++;
}

static void *work(void *argument)
{
	unsigned state = *(unsigned *)argument;
	for (int i = 0; i < ROUNDS; i++) {
		unsigned number = next(&state);
		register_shared(number);
		wait_shared(number);
		if (number % 7 == 0)
			replace_shared(number);
		if (number % 97 == 0)
			fork_one();
		if (!used() || (number % 31 == 0 && !misused()))
			failures++;
	}
	return NULL;
}

int main(void)
{
	pthread_t threads[THREADS];
	unsigned seeds[THREADS];
	must((set = epoll_create1(0)) >= 0, "epoll_create1");
	for (int i = 0; i < SHARED; i++)
		must(!socketpair(AF_UNIX, SOCK_STREAM, 0, shared[i]), "socketpair");
	for (unsigned i = 0; i < THREADS; i++) {
		seeds[i] = i + 1;
		must(!pthread_create(&threads[i], NULL, work, &seeds[i]), "pthread_create");
	}
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	must(failures == 0 && used() && misused(), "afterwards");
	dprintf(1, "threads done\n");
	return 0;
}

/* Accepts until EAGAIN by one thread, and by several that are woken one at a time; then four
 * threads are woken for each connection. */
#include "stall.h"

#include <pthread.h>

enum { WORKERS = 4, CLIENTS = 700 };

static int listener;
static pthread_barrier_t barrier;
static struct sockaddr_un {
	sa_family_t family;
	char path[32];
} address = {AF_UNIX, ""};

static int client(void)
{
	int fd = must(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
	must(connect(fd, (struct sockaddr *)&address, sizeof(address)));
	return fd;
}

static void listening(void)
{
	snprintf(address.path + 1, sizeof(address.path) - 1, "herd-%d-%d", getpid(), listener);
	listener = must(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
	must(bind(listener, (struct sockaddr *)&address, sizeof(address)));
	must(listen(listener, 8));
}

static void right(void)
{
	struct epoll_event event;
	int epfd = instance(), fd;
	listening();
	must(add(epfd, listener, EPOLLIN));
	for (int i = 0; i < CLIENTS; i++) {
		int made = client();
		must(epoll_wait(epfd, &event, 1, -1));
		while ((fd = accept(listener, NULL, NULL)) >= 0)
			must(close(fd));
		must(close(made));
	}
	close_all((int[]){epfd, listener}, 2);
}

/* All wait until all were told: the herd of a machine with enough processors. */
static void *worker(void *argument)
{
	struct epoll_event event;
	int epfd = instance(), made = -1;
	must(add(epfd, listener, EPOLLIN));
	for (int i = 0; i < CLIENTS; i++) {
		if (argument)
			made = client();
		must(epoll_wait(epfd, &event, 1, -1));
		pthread_barrier_wait(&barrier);
		int fd = accept(listener, NULL, NULL);
		if (fd >= 0)
			must(close(fd));
		pthread_barrier_wait(&barrier);
		if (argument)
			must(close(made));
	}
	must(close(epfd));
	return NULL;
}

static void wrong(void)
{
	pthread_t threads[WORKERS];
	listening();
	must(-pthread_barrier_init(&barrier, NULL, WORKERS));
	for (int i = 0; i < WORKERS; i++)
		must(-pthread_create(&threads[i], NULL, worker, i ? NULL : &listener));
	for (int i = 0; i < WORKERS; i++)
		must(-pthread_join(threads[i], NULL));
	must(close(listener));
}

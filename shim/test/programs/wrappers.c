/* wrappers WAY: opens, registers and closes through functions of its own, as programs do: of two
 * callers of each it is the second whose descriptor the finding is about. The functions have names
 * in the dynamic symbols when built with -rdynamic. */
#include <alloca.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define APART __attribute__((noinline)) /* and no tail call, which leaves no frame */
#define DONE  __asm__ volatile("")

static int epfd;

APART int opens(void)
{
	int fd = eventfd(1, EFD_NONBLOCK);
	DONE;
	return fd;
}

APART int adds(int fd, uint32_t events)
{
	struct epoll_event event = {.events = events, .data.fd = fd};
	int result = epoll_ctl(epfd, EPOLL_CTL_ADD, fd, &event);
	DONE;
	return result;
}

/* Its frame has another size each time. */
APART int adds_with_room(int fd, size_t size)
{
	char *room = alloca(size);
	struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
	memset(room, 1, size);
	int result = epoll_ctl(epfd, EPOLL_CTL_ADD, fd, &event);
	__asm__ volatile("" : : "r"(room) : "memory");
	return result;
}

APART void drops(int fd)
{
	close(fd);
	DONE;
}

static void waits_often(int times)
{
	struct epoll_event event;
	for (int i = 0; i < times; i++)
		epoll_wait(epfd, &event, 1, -1);
}

APART int first_caller(void)
{
	int fd = opens();
	uint64_t value;
	adds(fd, EPOLLIN);
	if (read(fd, &value, sizeof(value)) != sizeof(value)) /* this one is never ready again */
		_exit(99);
	return fd;
}

APART int second_caller(void)
{
	int fd = opens();
	adds(fd, EPOLLIN);
	DONE;
	return fd;
}

static void spins(void)
{
	first_caller();
	second_caller();
	waits_often(300000);
}

static void *spins_in_thread(void *argument)
{
	second_caller();
	waits_often(300000);
	return argument;
}

static void threads(void)
{
	pthread_attr_t attributes;
	pthread_t thread;
	first_caller();
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, 65536);
	if (pthread_create(&thread, &attributes, spins_in_thread, NULL) != 0)
		_exit(99);
	pthread_join(thread, NULL);
}

APART void first_with_room(void)
{
	int fd = eventfd(0, 0);
	adds_with_room(fd, 5000);
	DONE;
}

APART void second_caller_with_room(void)
{
	int fd = eventfd(1, 0);
	adds_with_room(fd, 16);
	DONE;
}

static void room(void)
{
	first_with_room();
	second_caller_with_room();
	waits_often(300000);
}

APART void first_drops(int fd)
{
	drops(fd);
	DONE;
}

APART void second_caller_drops(int fd)
{
	drops(fd);
	DONE;
}

static void closes_twice(void)
{
	int fds[] = {opens(), opens(), opens(), opens(), opens()};
	first_drops(fds[0]);
	second_caller_drops(fds[3]);
	close(fds[3]);
}

APART void second_caller_is_refused(int fd)
{
	adds(fd, EPOLLIN | EPOLLOUT); /* EEXIST, and the old mask stays */
	DONE;
}

static void refused(void)
{
	struct epoll_event event;
	int fd = first_caller();
	second_caller_is_refused(fd);
	epoll_wait(epfd, &event, 1, 0);
}

/* More callers than there is room for, each at another return address. */
#define FOUR(x) x x x x
#define CALL_ONCE                                                                                  \
	fd = opens();                                                                              \
	drops(fd);
APART void thousands_of_callers(void)
{
	int fd;
	FOUR(FOUR(FOUR(FOUR(FOUR(FOUR(CALL_ONCE))))))
}

static void many(void)
{
	thousands_of_callers();
	spins();
}

int main(int count, char **words)
{
	static const struct {
		const char *word;
		void (*run)(void);
	} ways[] = {{"spins", spins}, {"threads", threads}, {"room", room}, {"twice", closes_twice},
		{"refused", refused}, {"many", many}};
	epfd = epoll_create1(EPOLL_CLOEXEC);
	for (size_t i = 0; count == 2 && i < sizeof(ways) / sizeof(ways[0]); i++)
		if (strcmp(words[1], ways[i].word) == 0) {
			ways[i].run();
			return 0;
		}
	return 98;
}

/* Cancellation points: each is cancelled while it blocks and when the request came before it. */
#include "show.h"

#include <sys/stat.h>
#include <sys/un.h>

static int empty[2], full[2], pair[2], stuffed[2], listener, set, counter, brimming;
static struct sockaddr_un crowded = {.sun_family = AF_UNIX};
static socklen_t crowded_size = sizeof crowded;
static char buffer[65536];

#define WAIT_ON(name, ...)                                                                         \
	static long block_##name(void)                                                             \
	{                                                                                          \
		struct pollfd fd = {empty[0], POLLIN, 0};                                          \
		struct epoll_event event = {0};                                                    \
		struct iovec part = {buffer, sizeof buffer};                                       \
		struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};                       \
		struct mmsghdr messages = {.msg_hdr = message};                                    \
		(void)fd, (void)event, (void)messages;                                             \
		return __VA_ARGS__;                                                                \
	}
#define CALLS_THAT_BLOCK                                                                           \
	BLOCK(poll, poll(&fd, 1, -1))                                                              \
	BLOCK(__poll, __poll(&fd, 1, -1))                                                          \
	BLOCK(__poll_chk, __poll_chk(&fd, 1, -1, sizeof fd))                                       \
	BLOCK(ppoll, ppoll(&fd, 1, NULL, NULL))                                                    \
	BLOCK(__ppoll_chk, __ppoll_chk(&fd, 1, NULL, NULL, sizeof fd))                             \
	BLOCK(select, select(0, NULL, NULL, NULL, NULL))                                           \
	BLOCK(__select, __select(0, NULL, NULL, NULL, NULL))                                       \
	BLOCK(pselect, pselect(0, NULL, NULL, NULL, NULL, NULL))                                   \
	BLOCK(epoll_wait, epoll_wait(set, &event, 1, -1))                                          \
	BLOCK(epoll_pwait, epoll_pwait(set, &event, 1, -1, NULL))                                  \
	BLOCK(epoll_pwait2, epoll_pwait2(set, &event, 1, NULL, NULL))                              \
	BLOCK(read, read(empty[0], buffer, 1))                                                     \
	BLOCK(__read, __read(empty[0], buffer, 1))                                                 \
	BLOCK(__read_chk, __read_chk(empty[0], buffer, 1, 1))                                      \
	BLOCK(readv, readv(empty[0], &part, 1))                                                    \
	BLOCK(recv, recv(pair[0], buffer, 1, 0))                                                   \
	BLOCK(__recv_chk, __recv_chk(pair[0], buffer, 1, 1, 0))                                    \
	BLOCK(recvfrom, recvfrom(pair[0], buffer, 1, 0, NULL, NULL))                               \
	BLOCK(__recvfrom_chk, __recvfrom_chk(pair[0], buffer, 1, 1, 0, NULL, NULL))                \
	BLOCK(recvmsg, recvmsg(pair[0], &message, 0))                                              \
	BLOCK(recvmmsg, recvmmsg(pair[0], &messages, 1, 0, NULL))                                  \
	BLOCK(accept, accept(listener, NULL, NULL))                                                \
	BLOCK(accept4, accept4(listener, NULL, NULL, 0))                                           \
	BLOCK(write, write(full[1], buffer, 1))                                                    \
	BLOCK(__write, __write(full[1], buffer, 1))                                                \
	BLOCK(writev, writev(full[1], &part, 1))                                                   \
	BLOCK(send, send(stuffed[0], buffer, sizeof buffer, 0))                                    \
	BLOCK(__send, __send(stuffed[0], buffer, sizeof buffer, 0))                                \
	BLOCK(sendto, sendto(stuffed[0], buffer, sizeof buffer, 0, NULL, 0))                       \
	BLOCK(sendmsg, sendmsg(stuffed[0], &message, 0))                                           \
	BLOCK(sendmmsg, sendmmsg(stuffed[0], &messages, 1, 0))                                     \
	BLOCK(connect, connect(socket(AF_UNIX, SOCK_STREAM, 0), (void *)&crowded, crowded_size))   \
	BLOCK(__connect,                                                                           \
		__connect(socket(AF_UNIX, SOCK_STREAM, 0), (void *)&crowded, crowded_size))        \
	BLOCK(splice, splice(empty[0], NULL, full[1], NULL, 1, 0))                                 \
	BLOCK(eventfd_read, eventfd_read(counter, (eventfd_t *)buffer))                            \
	BLOCK(eventfd_write, eventfd_write(brimming, 1))                                           \
	BLOCK(open, open("fifo", O_RDONLY))                                                        \
	BLOCK(open64, open64("fifo", O_RDONLY))                                                    \
	BLOCK(__open, __open("fifo", O_RDONLY))                                                    \
	BLOCK(__open64, __open64("fifo", O_RDONLY))                                                \
	BLOCK(__open_2, __open_2("fifo", O_RDONLY))                                                \
	BLOCK(__open64_2, __open64_2("fifo", O_RDONLY))                                            \
	BLOCK(openat, openat(AT_FDCWD, "fifo", O_RDONLY))                                          \
	BLOCK(openat64, openat64(AT_FDCWD, "fifo", O_RDONLY))                                      \
	BLOCK(__openat_2, __openat_2(AT_FDCWD, "fifo", O_RDONLY))                                  \
	BLOCK(__openat64_2, __openat64_2(AT_FDCWD, "fifo", O_RDONLY))                              \
	BLOCK(creat, creat("fifo", 0600))                                                          \
	BLOCK(creat64, creat64("fifo", 0600))                                                      \
	BLOCK(fcntl,                                                                               \
		fcntl(open("locked", O_RDWR), F_OFD_SETLKW, &(struct flock){F_WRLCK, 0, 0, 0, 0}))

#define BLOCK WAIT_ON
CALLS_THAT_BLOCK
#undef BLOCK
static const struct {
	const char *name;
	long (*call)(void);
} calls_that_block[] = {
#define BLOCK(name, ...) {#name, block_##name},
	CALLS_THAT_BLOCK};

static _Atomic int cleaned, thread_id, go;

static void cleanup(void *argument)
{
	cleaned += argument == &cleaned;
}

struct order {
	long (*call)(void);
	int pending;
};

static void *victim(void *argument)
{
	struct order *order = argument;
	pthread_cleanup_push(cleanup, &cleaned);
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
	thread_id = gettid();
	while (order->pending && !go)
		sched_yield();
	pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, NULL);
	order->call();
	pthread_cleanup_pop(0);
	return NULL;
}

static char state_of(int tid)
{
	char path[64], line[128] = "";
	snprintf(path, sizeof path, "/proc/self/task/%d/stat", tid);
	int fd = syscall(SYS_openat, AT_FDCWD, path, O_RDONLY);
	syscall(SYS_read, fd, line, sizeof line - 1);
	syscall(SYS_close, fd);
	const char *end = strrchr(line, ')');
	return end ? end[2] : '?';
}

/* Only these few calls come after thread_id is told, and none of them sleeps: asleep means blocked.
 */
static void *cancelled(long (*call)(void), int pending)
{
	struct order order = {call, pending};
	pthread_t thread;
	void *result = NULL;
	cleaned = thread_id = go = 0;
	must(pthread_create(&thread, NULL, victim, &order) == 0, "pthread_create");
	while (!thread_id || (!pending && state_of(thread_id) != 'S'))
		sched_yield();
	pthread_cancel(thread);
	go = 1;
	pthread_join(thread, &result);
	return result;
}

static void prepare(void)
{
	must(!pipe(empty) && !pipe2(full, O_NONBLOCK), "pipe");
	must(!socketpair(AF_UNIX, SOCK_STREAM, 0, pair), "socketpair");
	must(!socketpair(AF_UNIX, SOCK_STREAM, 0, stuffed), "socketpair");
	while (write(full[1], buffer, sizeof buffer) > 0)
		;
	while (send(stuffed[0], buffer, sizeof buffer, MSG_DONTWAIT) > 0)
		;
	fcntl(full[1], F_SETFL, 0);
	must((counter = eventfd(0, 0)) >= 0 && (brimming = eventfd(0, 0)) >= 0, "eventfd");
	must(!eventfd_write(brimming, UINT64_MAX - 1), "eventfd_write");
	must((set = epoll_create1(0)) >= 0 && !mkfifo("fifo", 0600), "mkfifo");
	int busy = socket(AF_UNIX, SOCK_STREAM, 0), file = open("locked", O_RDWR | O_CREAT, 0600);
	must(!bind(busy, (void *)&crowded, 2) && !listen(busy, 0), "listen");
	must(!getsockname(busy, (void *)&crowded, &crowded_size), "getsockname");
	must(!connect(socket(AF_UNIX, SOCK_STREAM, 0), (void *)&crowded, crowded_size), "connect");
	struct flock lock = {.l_type = F_WRLCK};
	must(!fcntl(file, F_OFD_SETLK, &lock), "lock");
	listener = socket(AF_UNIX, SOCK_STREAM, 0);
	must(!bind(listener, (void *)&(struct sockaddr_un){.sun_family = AF_UNIX}, 2), "bind");
	must(!listen(listener, 1), "listen");
}

int main(void)
{
	prepare();
	for (unsigned i = 0; i < COUNT(calls_that_block); i++)
		for (int pending = 0; pending < 2; pending++) {
			void *result = cancelled(calls_that_block[i].call, pending);
			NOTE_LINE("%s(%s) = %s, cleaned up %d\n", calls_that_block[i].name,
				pending ? "pending" : "blocked",
				result == PTHREAD_CANCELED ? "cancelled" : "not cancelled",
				cleaned);
		}
	struct pollfd fd = {empty[0], POLLIN, 0};
	SHOW("poll", poll(&fd, 1, 0), "afterwards");
	unlink("fifo");
	unlink("locked");
	return 0;
}

/* forms NAME: a rule's misuse in another form than in the rule's own program, or what only looks
 * like it. */
#include "../prepare.h"

#include <pthread.h>
#include <stdbool.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/un.h>

/* --- select, which names hang-ups and errors readable or writable --- */

static int selects(int fd, bool output)
{
	fd_set set;
	FD_ZERO(&set);
	FD_SET(fd, &set);
	return must(select(fd + 1, output ? NULL : &set, output ? &set : NULL, NULL, NULL));
}

static int end_of_pipe(int end)
{
	int pair[2];
	must(pipe(pair));
	close(pair[!end]);
	return pair[end];
}

static void pipe_read_at_its_end(void)
{
	char byte;
	double since = now();
	int fd = end_of_pipe(0);
	for (int i = 0; spinning(since, i); i++)
		if (selects(fd, false))
			must((int)read(fd, &byte, 1));
}

static void pipe_hung_up(void)
{
	double since = now();
	int fd = end_of_pipe(0);
	for (int i = 0; spinning(since, i); i++)
		selects(fd, false);
}

static void pipe_without_reader(void)
{
	double since = now();
	int fd = end_of_pipe(1);
	for (int i = 0; spinning(since, i); i++)
		selects(fd, true);
}

/* --- a terminal that is hung up is none any more, if one asks it --- */

static void terminal_hung_up(void)
{
	int master = must(posix_openpt(O_RDWR | O_NOCTTY));
	must(grantpt(master));
	must(unlockpt(master));
	struct pollfd p = {must(open(ptsname(master), O_RDWR | O_NOCTTY)), POLLIN, 0};
	close(master);
	double since = now();
	for (int i = 0; spinning(since, i); i++)
		must(poll(&p, 1, -1));
}

/* --- a listener at the limit, taken off and put back --- */

static int full_listener(int epfd)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct rlimit limit;
	int fd = must(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
	int guest = must(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
	snprintf(address.sun_path + 1, sizeof(address.sun_path) - 1, "forms-%d", getpid());
	must(bind(fd, (struct sockaddr *)&address, sizeof(address)));
	must(listen(fd, 64));
	must(connect(guest, (struct sockaddr *)&address, sizeof(address)));
	must(add(epfd, fd, EPOLLIN));
	must(getrlimit(RLIMIT_NOFILE, &limit));
	limit.rlim_cur = (rlim_t)guest + 1;
	must(setrlimit(RLIMIT_NOFILE, &limit));
	return fd;
}

static void put_back_after(int pause_ms)
{
	struct epoll_event event;
	double since = now();
	int epfd = instance(), listener = full_listener(epfd);
	for (int i = 0; pause_ms ? i < 150 : spinning(since, i); i++) {
		must(epoll_wait(epfd, &event, 1, -1));
		if (accept(listener, NULL, NULL) >= 0 || errno != EMFILE)
			exit(99);
		must(epoll_ctl(epfd, EPOLL_CTL_DEL, listener, NULL));
		if (pause_ms)
			must(epoll_wait(epfd, &event, 1, pause_ms));
		must(add(epfd, listener, EPOLLIN));
	}
}

static void listener_put_back_at_once(void)
{
	put_back_after(0);
}

static void listener_put_back_later(void)
{
	put_back_after(3);
}

/* --- who closes everything by one function --- */

#define KEEPS_ITS_FRAME __asm__ volatile("") /* no tail call */

static __attribute__((noinline)) int closes(int fd)
{
	int result = close(fd);
	KEEPS_ITS_FRAME;
	return result;
}

static __attribute__((noinline)) int destroy(int fd)
{
	int result = closes(fd);
	KEEPS_ITS_FRAME;
	return result;
}

static void *opens(void *unused)
{
	destroy(must(dup(0)));
	return unused;
}

static void other_thread_opens(void)
{
	pthread_t thread;
	if (pthread_create(&thread, NULL, opens, NULL) || pthread_join(thread, NULL))
		exit(99);
}

static void closed_twice_by_one_function(void)
{
	int pair[2];
	other_thread_opens();
	for (int times = 0; times < 2; times++) {
		must(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
		destroy(pair[0]);
		if (times == 0)
			destroy(pair[1]);
	}
	if (destroy(pair[0]) == 0)
		exit(99);
}

/* From the first number that is open: none before it tells. */
static void all_closed_by_one_function(void)
{
	int fds[4];
	other_thread_opens();
	for (int i = 0; i < 4; i++)
		fds[i] = must(eventfd(0, 0));
	destroy(fds[1]);
	destroy(fds[2]);
	for (int fd = fds[0]; fd < 100; fd++)
		destroy(fd);
}

/* --- data.fd set on a struct whose upper half is the rest of an address --- */

static void ghost_whose_datum_is_a_number(void)
{
	int pair[2], epfd = instance();
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = &event};
	must(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	must(dup(pair[0]));
	event.data.fd = pair[0];
	must(epoll_ctl(epfd, EPOLL_CTL_ADD, pair[0], &event));
	close(pair[0]);
	must((int)write(pair[1], "x", 1));
	double since = now();
	for (int i = 0; spinning(since, i); i++)
		must(epoll_wait(epfd, &event, 1, -1));
}

/* --- a child that takes its time before it executes or ends --- */

static void child_that_is_slow(void)
{
	struct epoll_event event;
	int pair[2], epfd = instance();
	must(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	must(add(epfd, pair[0], EPOLLIN));
	pid_t child = must(fork());
	if (child == 0) {
		poll(NULL, 0, 400);
		_exit(0);
	}
	close(pair[0]);
	while (waitpid(child, NULL, WNOHANG) == 0)
		must(epoll_wait(epfd, &event, 1, 20));
}

/* --- an event that a thread has not served when it ends --- */

static int listening, awaited;

static void *waits_once(void *unused)
{
	struct epoll_event event;
	must(epoll_wait(awaited, &event, 1, -1));
	return unused;
}

static void event_of_a_joined_thread(void)
{
	pthread_t thread;
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = &thread};
	listening = must(socket(AF_INET, SOCK_STREAM, 0));
	must(listen(listening, 5));
	awaited = instance();
	must(epoll_ctl(awaited, EPOLL_CTL_ADD, listening, &event));
	if (pthread_create(&thread, NULL, waits_once, NULL))
		exit(99);
	must(shutdown(listening, SHUT_RDWR));
	pthread_join(thread, NULL);
	close(listening);
}

static const struct {
	const char *name;
	void (*plays)(void);
} forms[] = {
#define FORM(name)                                                                                 \
	{                                                                                          \
#name, name                                                                        \
	}
	FORM(pipe_read_at_its_end),
	FORM(pipe_hung_up),
	FORM(pipe_without_reader),
	FORM(terminal_hung_up),
	FORM(listener_put_back_at_once),
	FORM(listener_put_back_later),
	FORM(closed_twice_by_one_function),
	FORM(all_closed_by_one_function),
	FORM(ghost_whose_datum_is_a_number),
	FORM(child_that_is_slow),
	FORM(event_of_a_joined_thread),
};

int main(int argc, char **argv)
{
	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++)
		if (argc > 1 && strcmp(argv[1], forms[i].name) == 0) {
			forms[i].plays();
			_exit(0);
		}
	return 98;
}

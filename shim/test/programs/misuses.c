/* misuses WAY: plainly wrong calls, known by their functions, for the report's tests. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>

static int epfd;

__attribute__((noinline)) void waits_for_no_events(void)
{
	struct epoll_event event;
	epoll_wait(epfd, &event, 0, 0);
}

__attribute__((noinline)) void registers_no_descriptor(void)
{
	struct epoll_event event = {.events = EPOLLIN};
	epoll_ctl(epfd, EPOLL_CTL_ADD, -1, &event);
}

/* a note */
__attribute__((noinline)) void watches_a_file(void)
{
	struct epoll_event event = {.events = EPOLLIN};
	FILE *file = tmpfile();
	if (file && epoll_ctl(epfd, EPOLL_CTL_ADD, fileno(file), &event) == 0)
		_exit(99);
}

static void once(void)
{
	waits_for_no_events();
}

static void often(void)
{
	for (int i = 0; i < 5; i++)
		waits_for_no_events();
	waits_for_no_events(); /* by another caller, yet from the same place */
}

static void several(void)
{
	waits_for_no_events();
	registers_no_descriptor();
	watches_a_file();
}

static void *wait_in_thread(void *argument)
{
	for (int i = 0; i < 1000; i++)
		waits_for_no_events();
	return argument;
}

static void in_threads(void)
{
	pthread_t threads[8];
	for (int i = 0; i < 8; i++)
		if (pthread_create(&threads[i], NULL, wait_in_thread, NULL) != 0)
			_exit(99);
	for (int i = 0; i < 8; i++)
		pthread_join(threads[i], NULL);
}

static void forks(void)
{
	pid_t pid = fork();
	if (pid == 0) {
		registers_no_descriptor();
		_exit(0);
	}
	waits_for_no_events();
	waitpid(pid, NULL, 0);
	printf("%d %d\n", getpid(), pid);
}

/* What it executes does the same wrong thing. */
static void executes(void)
{
	pid_t pid = fork();
	if (pid == 0) {
		execl("/proc/self/exe", "misuses", "once", NULL);
		_exit(99);
	}
	waits_for_no_events();
	waitpid(pid, NULL, 0);
}

/* Speaks only after standard input has ended, which is when its starter is gone. */
static void stays(void)
{
	char byte;
	if (fork() != 0)
		return;
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	registers_no_descriptor();
	fclose(stdout);
	_exit(0);
}

int main(int count, char **arguments)
{
	static const struct {
		const char *word;
		void (*run)(void);
	} ways[] = {{"once", once}, {"often", often}, {"several", several}, {"threads", in_threads},
		{"forks", forks}, {"executes", executes}, {"stays", stays}};
	epfd = epoll_create1(EPOLL_CLOEXEC);
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		if (count == 2 && strcmp(arguments[1], ways[i].word) == 0) {
			ways[i].run();
			return 0;
		}
	return 98;
}

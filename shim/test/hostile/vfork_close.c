/* Children of vfork run in our memory: what they close there is still open here. */
#include "use.h"

#include <pthread.h>
#include <stdatomic.h>

extern char **environ;
static atomic_bool done;
static int ends[2], set;

static void close_as(int way)
{
	if (way == 0)
		for (int fd = 3; fd < 1024; fd++)
			close(fd);
	else if (way == 1)
		closefrom(3);
	else if (way == 2)
		close_range(3, ~0U, 0);
	else
		for (int fd = 3; fd < 64; fd++)
			dup2(0, fd);
}

static void still_registered(void)
{
	struct epoll_event event = {0};
	struct pollfd fd = {ends[0], POLLIN, 0};
	must(epoll_wait(set, &event, 1, 0) == 1 && event.data.u64 == 5, "epoll_wait");
	must(poll(&fd, 1, 0) == 1 && fd.revents == POLLIN, "poll");
	event.events = EPOLLIN;
	must(epoll_ctl(set, EPOLL_CTL_MOD, ends[0], &event) == 0, "epoll_ctl");
}

static void *user(void *argument)
{
	while (!done)
		must(used(), "use in a thread");
	return argument;
}

int main(void)
{
	struct epoll_event event = {EPOLLIN, {.u64 = 5}};
	pthread_t thread;
	must(!pipe(ends) && write(ends[1], "x", 1) == 1, "pipe");
	must((set = epoll_create1(0)) >= 0, "epoll_create1");
	must(!epoll_ctl(set, EPOLL_CTL_ADD, ends[0], &event), "epoll_ctl");
	must(!pthread_create(&thread, NULL, user, NULL), "pthread_create");
	for (int i = 0; i < 40; i++) {
		char *const arguments[] = {"true", NULL};
		pid_t pid = vfork();
		if (pid == 0) {
			close_as(i % 4);
			if (i < 20)
				execve("/bin/true", arguments, environ);
			_exit(0);
		}
		must(exit_status(pid) == 0, "child of vfork");
		still_registered();
	}
	done = true;
	pthread_join(thread, NULL);
	must(misused() && used(), "afterwards");
	dprintf(1, "vfork done\n");
	return 0;
}

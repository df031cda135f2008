/* A process full of threads forks in every way there is; the children go on using the calls. */
#include "use.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

extern char **environ;
static atomic_bool done;
static char stack[65536] __attribute__((aligned(64)));

static void *user(void *argument)
{
	while (!done)
		must(used(), "use in a thread");
	return argument;
}

static int child_work(void *argument)
{
	(void)argument;
	_exit(used() && misused() && used() ? 0 : 5);
}

static pid_t raw_clone(void)
{
	return syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL);
}

static pid_t cloned(int flags)
{
	return clone(child_work, stack + sizeof stack, flags | SIGCHLD, NULL);
}

static pid_t spawned(void)
{
	char *const arguments[] = {"true", NULL};
	pid_t pid = -1;
	must(posix_spawn(&pid, "/bin/true", NULL, NULL, arguments, environ) == 0, "posix_spawn");
	return pid;
}

int main(void)
{
	pid_t (*const ways[])(void) = {fork, __fork, _Fork, raw_clone};
	pthread_t threads[4];
	for (int i = 0; i < 4; i++)
		must(!pthread_create(&threads[i], NULL, user, NULL), "pthread_create");
	for (int i = 0; i < 80; i++) {
		pid_t pid = ways[i % 4]();
		if (pid == 0)
			child_work(NULL);
		must(exit_status(pid) == 0, "child");
		if (i % 8 == 0) {
			must(exit_status(cloned(0)) == 0, "clone");
			must(exit_status(cloned(CLONE_VM | CLONE_VFORK)) == 0,
				"clone with our memory");
			must(exit_status(cloned(CLONE_FILES)) == 0, "clone with our descriptors");
			must(exit_status(spawned()) == 0, "posix_spawn");
		}
	}
	done = true;
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	must(used() && misused(), "afterwards");
	/* a place of its own: a child that shared our memory must not have ended our watch */
	volatile int wrong = -5;
	must(epoll_wait(epoll_create1(0), &(struct epoll_event){0}, wrong, 0) == -1, "in main");
	show_lowest_descriptor();
	dprintf(1, "fork done\n");
	return 0;
}

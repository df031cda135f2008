/* A descriptor is closed after its waiter let go; then under it. */
#include "sleeper.h"

#include <setjmp.h>

static int watched, wakeup, epfd;
static sigjmp_buf away;
static _Atomic int gone;

static int polls(void *ignored)
{
	(void)ignored;
	struct pollfd fds[2] = {{watched, POLLIN, 0}, {wakeup, POLLIN, 0}};
	return poll(fds, 2, -1);
}

static int selects(void *ignored)
{
	(void)ignored;
	fd_set set;
	FD_ZERO(&set);
	FD_SET(watched, &set);
	FD_SET(wakeup, &set);
	return select(1 + (watched > wakeup ? watched : wakeup), &set, NULL, NULL, NULL);
}

static int waits(void *ignored)
{
	struct epoll_event event;
	(void)ignored;
	return epoll_wait(epfd, &event, 1, -1);
}

static void leave(int signal)
{
	(void)signal;
	siglongjmp(away, 1);
}

/* Leaves its wait by a jump: nobody is told that it ended. */
static int jumps(void *ignored)
{
	if (sigsetjmp(away, 1) == 0)
		polls(ignored);
	gone = 1;
	return (int)read(wakeup, &(uint64_t){0}, sizeof(uint64_t));
}

static void begin(struct sleeper *s, int (*wait)(void *))
{
	watched = must(eventfd(0, EFD_CLOEXEC));
	wakeup = must(eventfd(0, EFD_CLOEXEC));
	epfd = instance();
	must(add(epfd, watched, EPOLLIN));
	must(add(epfd, wakeup, EPOLLIN));
	sleeper_begins(s, wait, NULL);
}

static void end(struct sleeper *s)
{
	eventfd_write(wakeup, 1);
	sleeper_ends(s);
	close(wakeup);
}

static void woken_first(struct sleeper *s, int (*wait)(void *))
{
	begin(s, wait);
	eventfd_write(wakeup, 1);
	close(watched);
	close(epfd);
	end(s);
}

/* The processor of the waiter may take a while to take the wake-up in. */
static void closed_at_once(struct sleeper *s)
{
	begin(s, waits);
	eventfd_write(wakeup, 1);
	close(epfd);
	sleeper_ends(s);
	close(wakeup);
	close(watched);
}

static void left_by_jump(struct sleeper *s)
{
	begin(s, jumps);
	signal(SIGUSR1, leave);
	pthread_kill(s->thread, SIGUSR1);
	while (!gone)
		usleep(1000);
	sleeper_sleeps(s);
	close(watched);
	close(epfd);
	end(s);
}

static void cancelled(struct sleeper *s)
{
	begin(s, polls);
	pthread_cancel(s->thread);
	sleeper_ends(s);
	close(watched);
	close(epfd);
	close(wakeup);
}

static void right(void)
{
	struct sleeper s;
	begin(&s, waits);
	close(watched); /* a descriptor of an interest list others wait on: usual, and well defined
			 */
	end(&s);
	close(epfd);
	woken_first(&s, selects);
	woken_first(&s, waits);
	for (int i = 0; i < 40; i++)
		closed_at_once(&s);
	left_by_jump(&s);
	cancelled(&s);
	begin(&s, polls);
	close(must(dup(watched))); /* another number of the same file */
	must(dup2(wakeup, wakeup));
	end(&s);
	close(watched);
	close(epfd);
}

/* The waiters sleep on: poll would say next that the descriptor is not open. Inlined, as findings
 * of one call site are said once. */
static inline __attribute__((always_inline)) void under(int (*wait)(void *), const int *closed)
{
	struct sleeper s;
	begin(&s, wait);
	close(*closed);
	must(dup(STDERR_FILENO)); /* takes the number, which the waiter goes on to name */
}

static void replaced(void)
{
	struct sleeper s;
	begin(&s, polls);
	must(dup2(STDERR_FILENO, watched));
}

static void wrong(void)
{
	under(polls, &watched);
	under(selects, &watched);
	under(waits, &epfd);
	replaced();
}

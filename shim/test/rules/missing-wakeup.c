/* An array that another thread changes while poll sleeps: with a wake-up, or nothing added; then
 * without. */
#include "sleeper.h"

enum { TIMEOUT_MS = 1100 };

static struct pollfd fds[3];

static _Atomic int slept; /* how often it slept in vain */

static int polls(void *rounds)
{
	for (int i = 0; i < *(int *)rounds; i++)
		if (poll(fds, 3, TIMEOUT_MS) == 0)
			slept++;
	return 0;
}

static void begin(struct sleeper *s, int *rounds)
{
	slept = 0;
	fds[0] = (struct pollfd){must(eventfd(0, EFD_CLOEXEC)), POLLIN, 0};
	fds[1] = (struct pollfd){must(eventfd(0, EFD_CLOEXEC)), POLLIN, 0};
	fds[2] = (struct pollfd){-1, POLLIN, 0};
	sleeper_begins(s, polls, rounds);
}

static void end(struct sleeper *s)
{
	sleeper_ends(s);
	close(fds[0].fd);
	close(fds[1].fd);
}

static void right(void)
{
	struct sleeper s;
	int added = must(eventfd(0, EFD_CLOEXEC)), once = 1;
	begin(&s, &once);
	fds[2].fd = added;
	eventfd_write(fds[0].fd, 1);
	end(&s);
	begin(&s, &once);
	fds[0].events = 0; /* less to wait for needs no hurry */
	end(&s);
	begin(&s, &once);
	end(&s);
	close(added);
}

/* In its second sleep: the first is looked at in any case, later ones after one that was in vain.
 */
static void wrong(void)
{
	struct sleeper s;
	int added = must(eventfd(0, EFD_CLOEXEC)), twice = 2;
	begin(&s, &twice);
	while (!slept)
		usleep(1000);
	sleeper_sleeps(&s);
	fds[2].fd = added;
	end(&s);
	close(added);
}

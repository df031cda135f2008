/* Polls while a timer's signal handler polls too; prints how often each did. */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/time.h>

static volatile sig_atomic_t in_handler;

static void handler(int number)
{
	struct pollfd fd = {.fd = -0x1000000 - in_handler++, .events = POLLIN};
	poll(&fd, 1, 0);
	(void)number;
}

int main(void)
{
	const struct itimerval often = {{0, 30}, {0, 30}}, never = {{0, 0}, {0, 0}};
	int times;
	signal(SIGALRM, handler);
	setitimer(ITIMER_REAL, &often, NULL);
	for (times = 0; in_handler < 3000; times++) {
		struct pollfd fd = {.fd = -1 - times, .events = POLLIN};
		poll(&fd, 1, 0);
	}
	setitimer(ITIMER_REAL, &never, NULL);
	printf("%d %d\n", times, (int)in_handler);
	return 0;
}

/* Signals come more often than the timeout: the time left is computed, then it is not. */
#include "signalled.h"

static void until(double deadline)
{
	struct pollfd p = {.fd = -1};
	for (double left; (left = deadline - now()) > 0;)
		if (poll(&p, 1, (int)(left * 1000) + 1) < 0 && errno != EINTR)
			exit(99);
}

/* Something comes in between the signals, so that the loop turns and no timeout is missed. */
static void served_in_between(void)
{
	struct pollfd p = {.fd = must(eventfd(0, EFD_CLOEXEC)), .events = POLLIN};
	eventfd_t count;
	for (int i = 0; i < 12; i++) {
		if (poll(&p, 1, 30) < 0)
			must(eventfd_write(p.fd, 1));
		else if (p.revents)
			must(eventfd_read(p.fd, &count));
	}
	close(p.fd);
}

static void right(void)
{
	catch_signal(SIGALRM, SA_RESTART);
	ring_every(10000);
	until(now() + 0.15);
	served_in_between();
	ring_every(0);
}

static void wrong(void)
{
	struct pollfd p = {.fd = -1};
	double begun = now();
	ring_every(10000);
	while (poll(&p, 1, 30) < 0 && errno == EINTR)
		if (now() - begun > 0.6)
			break;
	ring_every(0);
}

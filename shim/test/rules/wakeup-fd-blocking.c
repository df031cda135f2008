/* A wake-up pipe that does not block, a pipe for data, and one nobody waits for; then a loop wakes
 * itself through one that blocks until it is full. */
#include "signalled.h"
#include "stall.h"

static char text[4096];

/* One turn of a loop that is woken by size bytes. */
static void turn(const int ends[2], size_t size)
{
	struct pollfd p = {.fd = ends[0], .events = POLLIN};
	must((int)write(ends[1], text, size));
	must(poll(&p, 1, -1));
	must((int)read(ends[0], text, sizeof(text)));
}

static void right(void)
{
	int awake[2], data[2], queue[2], rare[2];
	must(pipe2(awake, O_CLOEXEC | O_NONBLOCK) | pipe2(data, O_CLOEXEC) |
		pipe2(queue, O_CLOEXEC) | pipe2(rare, O_CLOEXEC));
	for (int i = 0; i < 100; i++) {
		if (i < 3) /* no habit yet */
			turn(rare, 1);
		turn(awake, 1);
		turn(data, 100);
		must((int)write(queue[1], text, 1)); /* read by whoever waits in read */
		must((int)read(queue[0], text, 1));
	}
	while (write(awake[1], text, 1) > 0)
		;
	close_all(awake, 2);
	close_all(data, 2);
	close_all(queue, 2);
	close_all(rare, 2);
}

/* Until the write that would never end, were it not for the alarm. */
static void fill(const int ends[2])
{
	for (int i = 0; i < 40; i++)
		turn(ends, 1);
	catch_signal(SIGALRM, 0);
	ring_every(20000);
	while (write(ends[1], text, 1) > 0)
		;
	ring_every(0);
	close_all(ends, 2);
}

static void wrong(void)
{
	int ends[2];
	must(pipe2(ends, O_CLOEXEC));
	fill(ends);
	must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends));
	fill(ends);
}

/* A stream read until it is empty, one that holds half a line, and read(2) without a stream; then
 * one line of two is read and the loop waits. */
#include "stall.h"

static char line[64];

static void wait_for(int fd, int limit)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	must(poll(&p, 1, limit));
}

static FILE *stream_of(int fd)
{
	FILE *stream = fdopen(fd, "r");
	must(stream ? 0 : -1);
	return stream;
}

static void right(void)
{
	int ends[2];
	must(pipe2(ends, O_CLOEXEC | O_NONBLOCK));
	must((int)write(ends[1], "one\ntwo\n", 8));
	wait_for(ends[0], -1);
	must((int)read(ends[0], line, 4));
	wait_for(ends[0], -1);
	FILE *stream = stream_of(ends[0]);
	while (fgets(line, sizeof(line), stream))
		;
	clearerr(stream);
	wait_for(ends[0], 20);
	must((int)write(ends[1], "three\nfo", 8));
	wait_for(ends[0], -1);
	must(fgets(line, sizeof(line), stream) ? 0 : -1);
	wait_for(ends[0], 20); /* for the other half */
	must((int)write(ends[1], "ur\n", 3));
	wait_for(ends[0], -1);
	must(fgets(line, sizeof(line), stream) ? 0 : -1);
	/* nobody waits for this one */
	must((int)write(ends[1], "five\nsix\n", 9));
	must(fgets(line, sizeof(line), stream) ? 0 : -1);
	poll(NULL, 0, 20);
	must(fclose(stream) | close(ends[1]));
}

static void wrong(void)
{
	int ends[2];
	struct epoll_event event;
	must(pipe2(ends, O_CLOEXEC));
	must((int)write(ends[1], "one\ntwo\nthree\n", 14));
	FILE *stream = stream_of(ends[0]);
	wait_for(ends[0], -1);
	must(fgets(line, sizeof(line), stream) ? 0 : -1);
	wait_for(ends[0], 20); /* nothing, though two lines are there */
	must((int)write(ends[1], "four\n", 5));
	wait_for(ends[0], -1); /* late: the second line was there before */
	must(fclose(stream) | close(ends[1]));
	/* standard input, and epoll */
	must(pipe2(ends, O_CLOEXEC));
	must(dup2(ends[0], 0));
	must((int)write(ends[1], "one\ntwo\n", 8));
	int epfd = instance();
	must(add(epfd, 0, EPOLLIN));
	must(epoll_wait(epfd, &event, 1, -1));
	must(fgets(line, sizeof(line), stdin) ? 0 : -1);
	must(epoll_wait(epfd, &event, 1, 20));
	close_all((int[]){epfd, ends[0], ends[1]}, 3);
}

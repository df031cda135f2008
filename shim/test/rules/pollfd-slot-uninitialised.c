/* Slots that are not in use are skipped, and events = 0 asks for a hang-up that is acted on; then
 * slots that nfds counts were never filled in, and standard input hangs up or is closed. */
#include "rule.h"

static void hang_up_stdin(void)
{
	int ends[2];
	must(pipe2(ends, O_CLOEXEC));
	must(dup2(ends[0], 0));
	close(ends[0]);
	close(ends[1]);
}

static void right(void)
{
	int fd = must(eventfd(0, EFD_CLOEXEC));
	struct pollfd fds[4] = {{.fd = fd, .events = POLLIN}, {.fd = -1}, {.fd = 0}, {.fd = -1}};
	hang_up_stdin();
	if (must(poll(fds, 4, 1000)) != 1 || fds[2].revents != POLLHUP)
		exit(99);
	fds[2].fd = -1;
	for (int i = 0; i < 20; i++)
		must(poll(fds, 4, 1));
	fds[2] = (struct pollfd){.fd = fd, .events = POLLPRI};
	for (int i = 0; i < 20; i++)
		must(poll(fds, 4, 1));
	close(fd);
}

static void hung_up(int fd)
{
	struct pollfd fds[2] = {{.fd = fd, .events = POLLIN}};
	double since = now();
	for (int i = 0; spinning(since, i); i++)
		must(poll(fds, 2, 1000));
}

static void closed(int fd)
{
	struct pollfd fds[2] = {{.fd = fd, .events = POLLIN}};
	close(0);
	for (int i = 0; i < 3; i++)
		must(poll(fds, 2, 1000));
	must(open("/dev/null", O_RDONLY));
}

static void several(int fd)
{
	struct pollfd fds[4] = {{.fd = fd, .events = POLLIN}};
	int ends[2];
	must(pipe2(ends, O_CLOEXEC));
	must(dup2(ends[0], 0));
	for (int i = 0; i < 3; i++)
		must(poll(fds, 4, 1));
	close(ends[0]);
	close(ends[1]);
}

static void wrong(void)
{
	int fd = must(eventfd(0, EFD_CLOEXEC));
	hung_up(fd);
	closed(fd);
	several(fd);
	close(fd);
}

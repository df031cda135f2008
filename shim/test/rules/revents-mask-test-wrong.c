/* finding: hup-err-not-handled
 * revents is tested with &; then with ==, which a hang-up with its two bits does not pass. */
#include "rule.h"

static void serve_once(int fd)
{
	char byte;
	struct pollfd p = {.fd = fd, .events = POLLIN};
	must(poll(&p, 1, -1));
	if (p.revents & POLLIN)
		must((int)read(fd, &byte, 1));
}

static void right(void)
{
	int pair[2];
	must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
	must((int)write(pair[1], "x", 1));
	serve_once(pair[0]);
	close(pair[0]);
	close(pair[1]);
}

static void wrong(void)
{
	char byte;
	int pair[2];
	double since = now();
	must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
	must((int)write(pair[1], "x", 1));
	serve_once(pair[0]);
	close(pair[1]);
	for (int i = 0; spinning(since, i); i++) {
		struct pollfd p = {.fd = pair[0], .events = POLLIN};
		must(poll(&p, 1, -1));
		if (p.revents == POLLIN)
			must((int)read(pair[0], &byte, 1));
	}
	close(pair[0]);
}

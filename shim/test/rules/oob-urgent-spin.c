/* The urgent byte is taken with MSG_OOB; then it is asked for and left. */
#include "rule.h"

static void urgent(int pair[2])
{
	tcp_pair(pair);
	must((int)send(pair[1], "!", 1, MSG_OOB));
}

static void right(void)
{
	char byte;
	int pair[2];
	urgent(pair);
	struct pollfd p = {.fd = pair[0], .events = POLLIN | POLLPRI};
	must(poll(&p, 1, -1));
	if (p.revents & POLLPRI)
		must((int)recv(pair[0], &byte, 1, MSG_OOB));
	close(pair[0]);
	close(pair[1]);
}

static void wrong(void)
{
	int pair[2];
	double since = now();
	urgent(pair);
	struct pollfd p = {.fd = pair[0], .events = POLLIN | POLLPRI};
	for (int i = 0; spinning(since, i); i++)
		must(poll(&p, 1, -1));
	close(pair[0]);
	close(pair[1]);
}

/* A message is awaited with SO_RCVLOWAT; then by peeking at its first half for ever. */
#include "rule.h"

static void right(void)
{
	char message[8];
	int pair[2], whole = sizeof(message);
	tcp_pair(pair);
	must(setsockopt(pair[0], SOL_SOCKET, SO_RCVLOWAT, &whole, sizeof(whole)));
	must((int)write(pair[1], "half", 4));
	must((int)write(pair[1], "half", 4));
	struct pollfd p = {.fd = pair[0], .events = POLLIN};
	must(poll(&p, 1, -1));
	must((int)recv(pair[0], message, sizeof(message), MSG_PEEK));
	must((int)read(pair[0], message, sizeof(message)));
	close(pair[0]);
	close(pair[1]);
}

static void wrong(void)
{
	char message[8];
	int pair[2];
	tcp_pair(pair);
	must((int)write(pair[1], "half", 4));
	struct pollfd p = {.fd = pair[0], .events = POLLIN};
	double since = now();
	for (int i = 0; spinning(since, i); i++) {
		must(poll(&p, 1, -1));
		must((int)recv(pair[0], message, sizeof(message), MSG_PEEK));
	}
	close(pair[0]);
	close(pair[1]);
}

/* A hundred probes between other work; then nothing but probes for more than a second. */
#include "rule.h"

static void right(void)
{
	struct pollfd p = {.fd = must(eventfd(0, EFD_CLOEXEC)), .events = POLLIN};
	for (int i = 0; i < 100; i++)
		must(poll(&p, 1, 0));
	must(poll(&p, 1, 5));
	close(p.fd);
}

static void wrong(void)
{
	struct pollfd p = {.fd = must(eventfd(0, EFD_CLOEXEC)), .events = POLLIN};
	double since = now();
	while (now() - since < 1.8)
		must(poll(&p, 1, 0));
	close(p.fd);
}

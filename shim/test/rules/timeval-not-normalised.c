/* A second and a half is 1 s and 500 million ns, not 1.5 thousand million ns. */
#include "rule.h"

static void right(void)
{
	struct timespec limit = {0, 999999999};
	struct pollfd p = {.fd = must(eventfd(1, EFD_CLOEXEC)), .events = POLLIN};
	must(ppoll(&p, 1, &limit, NULL));
	close(p.fd);
}

static void wrong(void)
{
	struct timespec limit = {0, 1500000000};
	struct pollfd p = {.fd = must(eventfd(1, EFD_CLOEXEC)), .events = POLLIN};
	ppoll(&p, 1, &limit, NULL);
	close(p.fd);
}

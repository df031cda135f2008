/* A descriptor leaves the array before it is closed; then one stays in it. */
#include "rule.h"

static void right(void)
{
	struct pollfd p = {.fd = must(eventfd(1, EFD_CLOEXEC)), .events = POLLIN};
	must(poll(&p, 1, -1));
	close(p.fd);
	p.fd = -1;
	must(poll(&p, 1, 0));
}

static void wrong(void)
{
	struct pollfd p = {.fd = must(eventfd(1, EFD_CLOEXEC)), .events = POLLIN};
	close(p.fd);
	for (int i = 0; i < 3; i++)
		poll(&p, 1, -1);
}

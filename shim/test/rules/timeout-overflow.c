/* -1 means no limit; a product that left the range of int means the same by accident. */
#include "rule.h"

static void right(void)
{
	struct pollfd p = {.fd = must(eventfd(1, EFD_CLOEXEC)), .events = POLLIN};
	must(poll(&p, 1, -1));
	must(poll(&p, 1, 0x7fffffff));
	close(p.fd);
}

static void wrong(void)
{
	struct pollfd p = {.fd = must(eventfd(1, EFD_CLOEXEC)), .events = POLLIN};
	unsigned days = 30;
	poll(&p, 1, (int)(days * 24 * 3600 * 1000));
	close(p.fd);
}

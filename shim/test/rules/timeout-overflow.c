/* -1 means no limit, INT_MAX very long; a product that left the range of int means no limit by
 * accident, one that nearly did is suspicious, and a deadline that is past is no timeout. */
#include "rule.h"

static void right(void)
{
	struct pollfd p = {.fd = must(eventfd(1, EFD_CLOEXEC)), .events = POLLIN};
	must(poll(&p, 1, -1));
	must(poll(&p, 1, 0x7fffffff));
	must(poll(&p, 1, 24 * 3600 * 1000));
	close(p.fd);
}

static void wrong(void)
{
	struct pollfd p = {.fd = must(eventfd(1, EFD_CLOEXEC)), .events = POLLIN};
	unsigned days = 30;
	struct timespec late = {-1, 0};
	poll(&p, 1, (int)(days * 24 * 3600 * 1000));
	poll(&p, 1, 24 * 24 * 3600 * 1000);
	ppoll(&p, 1, &late, NULL);
	close(p.fd);
}

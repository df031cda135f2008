/* A tick of 20 ms; then 1, where one second was meant. */
#include "rule.h"

static void tick(int count, int timeout)
{
	struct pollfd p = {.fd = -1};
	for (int i = 0; i < count; i++)
		must(poll(&p, 1, timeout));
}

static void right(void)
{
	tick(20, 20);
}

static void wrong(void)
{
	tick(600, 1);
}

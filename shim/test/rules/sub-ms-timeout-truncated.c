/* A deadline is awaited in milliseconds rounded up; then rounded down. */
#include "rule.h"

static void await(double deadline, int up)
{
	struct pollfd p = {.fd = -1};
	for (double left; (left = deadline - now()) > 0;)
		must(poll(&p, 1, (int)(left * 1000) + up));
}

static void right(void)
{
	for (int i = 0; i < 5; i++)
		await(now() + 0.0035, 1);
}

static void wrong(void)
{
	for (int i = 0; i < 100; i++) /* where the processor is shared, many a burst has gaps */
		await(now() + 0.0039, 0);
}

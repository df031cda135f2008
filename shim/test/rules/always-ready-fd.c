/* A file is read to its end between waits; then waited for without being read. */
#include "rule.h"

static void right(void)
{
	char bytes[4096];
	struct pollfd p = {
		.fd = must(open("/proc/self/exe", O_RDONLY | O_CLOEXEC)), .events = POLLIN};
	do
		must(poll(&p, 1, -1));
	while (must((int)read(p.fd, bytes, sizeof(bytes))) > 0);
	close(p.fd);
}

static void wrong(void)
{
	struct pollfd p = {.fd = must(open("/dev/null", O_RDONLY | O_CLOEXEC)), .events = POLLIN};
	double since = now();
	for (int i = 0; spinning(since, i); i++)
		must(poll(&p, 1, -1));
	close(p.fd);
}

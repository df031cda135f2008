/* dies WAY: polls a thousand times, each with another number, and ends. */
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(int count, char **arguments)
{
	const char *way = count == 2 ? arguments[1] : "";
	for (int n = 1; n <= 1000; n++) {
		struct pollfd fd = {.fd = -n, .events = POLLIN};
		poll(&fd, 1, 0);
	}
	if (strcmp(way, "kill") == 0)
		kill(getpid(), SIGKILL);
	if (strcmp(way, "segv") == 0)
		*(volatile int *)8 = 0;
	if (strcmp(way, "abort") == 0)
		abort();
	if (strcmp(way, "_exit") == 0)
		_exit(0);
	if (strcmp(way, "exec") == 0)
		execl("/proc/self/exe", arguments[0], "return", NULL);
	return 0;
}

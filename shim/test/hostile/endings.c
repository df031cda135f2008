/* endings WAY: misuses and then ends in a way that leaves no time to write. */
#include "use.h"

extern char **environ;

int main(int count, char **arguments)
{
	must(count == 2, "usage: endings return|_exit|kill|abort|exec|quick|group");
	char *const child[] = {"true", NULL};
	const char *way = arguments[1];
	must(used() && misused(), "use");
	dprintf(1, "ends by %s\n", way);
	if (strcmp(way, "_exit") == 0)
		_exit(3);
	if (strcmp(way, "kill") == 0)
		kill(getpid(), SIGKILL);
	if (strcmp(way, "abort") == 0)
		abort();
	if (strcmp(way, "exec") == 0)
		execve("/bin/true", child, environ);
	if (strcmp(way, "quick") == 0)
		quick_exit(3);
	if (strcmp(way, "group") == 0)
		syscall(SYS_exit_group, 3);
	return 3;
}

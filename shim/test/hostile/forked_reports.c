/* A child of each kind of fork misuses: what is found there is told under the child's own number.
 */
#include "use.h"

static pid_t raw_clone(void)
{
	return syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL);
}

int main(void)
{
	pid_t (*const ways[])(void) = {fork, __fork, _Fork, raw_clone};
	must(used(), "use");
	for (int i = 0; i < 4; i++) {
		pid_t pid = ways[i]();
		if (pid == 0)
			_exit(misused() ? 0 : 1);
		dprintf(1, "%d\n", pid);
		must(exit_status(pid) == 0, "child");
	}
	return 0;
}

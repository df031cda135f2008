/* level: note. A pipe that is never written tells the worker of its parent's end: the worker
 * watches it beside its work, and leaves when it hangs up. */
#include "clean.h"

static void work(int lifeline, int jobs)
{
	struct pollfd fds[2] = {{.fd = lifeline, .events = POLLIN}, {.fd = jobs, .events = POLLIN}};
	eventfd_t count;
	while (must(poll(fds, 2, 5000)) > 0) {
		if (fds[0].revents)
			_exit(0);
		must(eventfd_read(jobs, &count));
	}
	_exit(99);
}

int main(void)
{
	int lifeline[2], jobs = must(eventfd(0, EFD_CLOEXEC));
	must(pipe2(lifeline, O_CLOEXEC));
	pid_t child = must(fork());
	if (child == 0) {
		close(lifeline[1]);
		work(lifeline[0], jobs);
	}
	close(lifeline[0]);
	for (int i = 0; i < 50; i++)
		must(eventfd_write(jobs, 1));
	close(lifeline[1]);
	wait_for(child);
	close(jobs);
	return 0;
}

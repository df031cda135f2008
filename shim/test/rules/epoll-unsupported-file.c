/* A pipe can be watched, a regular file cannot. */
#include "rule.h"

static void right(void)
{
	int epfd = instance(), ends[2];
	must(pipe(ends));
	must(add(epfd, ends[0], EPOLLIN));
	close(ends[0]);
	close(ends[1]);
	close(epfd);
}

static void wrong(void)
{
	int epfd = instance(), file = must(open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
	add(epfd, file, EPOLLIN);
	close(file);
	close(epfd);
}

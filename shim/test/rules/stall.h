/* What the programs about stalls share: one wait longer than what is taken for a block, and a child
 * for right uses after which the library would judge the process more mildly. */
#ifndef STALL_H
#define STALL_H

#include "rule.h"

enum { LONG_MS = 1100 };

static inline void non_blocking(int fd)
{
	must(fcntl(fd, F_SETFL, must(fcntl(fd, F_GETFL)) | O_NONBLOCK));
}

static inline void in_child(void (*use)(void))
{
	pid_t child = must(fork());
	int status = 1;
	if (child == 0) {
		use();
		exit(0);
	}
	must(waitpid(child, &status, 0));
	must(status == 0 ? 0 : -1);
}

static inline void close_all(const int *fds, int count)
{
	for (int i = 0; i < count; i++)
		must(close(fds[i]));
}

#endif

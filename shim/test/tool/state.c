/* Prints what a program inherits and a launcher could change: open descriptors, ignored and blocked
 * signals, process group, session and terminal, limits. */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

static void print_descriptors(void)
{
	printf("descriptors");
	for (int fd = 0; fd < 256; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			printf(" %d", fd);
}

static void print_signals(void)
{
	sigset_t blocked;
	sigprocmask(SIG_SETMASK, NULL, &blocked);
	for (int number = 1; number <= SIGRTMAX; number++) {
		struct sigaction action;
		if (sigaction(number, NULL, &action) == 0 && action.sa_handler != SIG_DFL)
			printf("\nignored %d", number);
		if (sigismember(&blocked, number) == 1)
			printf("\nblocked %d", number);
	}
}

int main(void)
{
	struct rlimit core, files;
	getrlimit(RLIMIT_CORE, &core);
	getrlimit(RLIMIT_NOFILE, &files);
	print_descriptors();
	print_signals();
	printf("\ngroup %d session %d core %ld files %ld\n", getpgrp(), getsid(0),
		(long)core.rlim_cur, (long)files.rlim_cur);
	return 0;
}

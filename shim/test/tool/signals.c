/* Prints "pid PID", then each signal it gets as "number value", until SIGUSR2, then exits with 7.
 */
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

int main(void)
{
	sigset_t all;
	siginfo_t info;
	sigfillset(&all);
	sigdelset(&all, SIGTSTP); /* blocked or caught it would not stop us */
	sigprocmask(SIG_SETMASK, &all, NULL);
	printf("pid %d\n", getpid());
	do {
		fflush(stdout);
		if (sigwaitinfo(&all, &info) < 0)
			continue; /* EINTR: stopped and continued */
		printf("%d %d\n", info.si_signo,
			info.si_code == SI_QUEUE ? info.si_value.sival_int : 0);
	} while (info.si_signo != SIGUSR2);
	fflush(stdout);
	return 7;
}

/* Catches SIGABRT, and nothing else: any other signal would leave the library in the midst of
 * something. */
#if HAVE_BABELTRACE

#include "guard.h"

#include <signal.h>
#include <stdio.h>

sigjmp_buf guard_return;
static volatile sig_atomic_t guarding;
static FILE *shown, *nowhere;

static void leave(int number)
{
	if (guarding) {
		guard_end();
		siglongjmp(guard_return, 1);
	}
	signal(number, SIG_DFL); /* ours: die of it */
}

void guard_begin(void)
{
	static bool caught;
	struct sigaction action = {.sa_handler = leave, .sa_flags = SA_NODEFER};
	if (!caught)
		sigaction(SIGABRT, &action, NULL);
	caught = true;
	shown = stderr;
	if (nowhere || (nowhere = fopen("/dev/null", "we")))
		stderr = nowhere; /* a variable, as the GNU C Library's manual has it */
	guarding = 1;
}

void guard_end(void)
{
	stderr = shown;
	guarding = 0;
}

#endif

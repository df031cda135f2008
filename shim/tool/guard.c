/* Catches SIGABRT, and nothing else: any other signal would leave the library in the midst of
 * something. */
#include "guard.h"

#include <signal.h>

sigjmp_buf guard_return;
static volatile sig_atomic_t guarding;

static void leave(int number)
{
	if (guarding) {
		guarding = 0;
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
	guarding = 1;
}

void guard_end(void)
{
	guarding = 0;
}

/* Signal handlers on an alternate stack of 8 KiB above the kernel's own frame, with nothing below.
 */
#include "use.h"

#include <sys/mman.h>

static volatile sig_atomic_t right;

static void work(int number)
{
	right = used() && misused() && (number != SIGUSR1 || raise(SIGUSR2) == 0);
}

int main(void)
{
	size_t frame = (size_t)sysconf(_SC_MINSIGSTKSZ), size = frame + 8192, guard = 65536;
	char *memory = mmap(
		NULL, guard + 262144, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	must(memory != MAP_FAILED && !mprotect(memory, guard, PROT_NONE), "mmap");
	stack_t stack = {.ss_sp = memory + guard, .ss_size = size};
	must(!sigaltstack(&stack, NULL), "sigaltstack");
	on_signal(SIGUSR1, work, SA_ONSTACK);
	on_signal(SIGUSR2, work, SA_ONSTACK);
	raise(SIGUSR2);
	must(right, "in the handler");
	stack.ss_size = size + frame + 4096;
	must(!sigaltstack(&stack, NULL), "sigaltstack");
	raise(SIGUSR1);
	must(right, "in a handler in a handler");
	must(used(), "afterwards");
	dprintf(1, "alternate stack done\n");
	return 0;
}

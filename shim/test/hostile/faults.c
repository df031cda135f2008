/* A program that owns SIGSEGV and SIGBUS: wrong pointers are the kernel's EFAULT, no signal comes,
 * and no disposition is any but the default when main starts. */
#include "use.h"

#include <signal.h>
#include <sys/mman.h>

static volatile sig_atomic_t faults;

static void fault(int number)
{
	faults = number;
	_exit(42);
}

static void told(int result)
{
	dprintf(1, " %d %s", result, result < 0 ? strerrorname_np(errno) : "");
}

static void dispositions(void)
{
	for (int number = 1; number < NSIG; number++) {
		struct sigaction now;
		if (sigaction(number, NULL, &now) == 0 && now.sa_handler != SIG_DFL)
			dprintf(1, "signal %d has a handler\n", number);
	}
}

int main(void)
{
	dispositions();
	on_signal(SIGSEGV, fault, 0);
	on_signal(SIGBUS, fault, 0);
	int ends[2], set = epoll_create1(0);
	must(!pipe(ends) && write(ends[1], "x", 1) == 1, "pipe");
	struct epoll_event event = {EPOLLIN, {0}};
	must(!epoll_ctl(set, EPOLL_CTL_ADD, ends[0], &event), "epoll_ctl");
	char *page = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	void *const pointers[] = {NULL, (void *)8, page, page + 4095, (void *)-1L,
		(void *)0xffff800000000000UL, (void *)0x8000000000000000UL};
	struct timeval zero = {0, 0};
	for (unsigned i = 0; i < sizeof pointers / sizeof *pointers; i++) {
		void *bad = pointers[i];
		dprintf(1, "pointer %u:", i);
		told(poll(bad, 1, 0));
		told(poll(bad, 0, 0));
		told(epoll_wait(set, bad, 1, 0));
		told(epoll_ctl(set, EPOLL_CTL_MOD, ends[0], bad));
		told(select(64, bad, NULL, NULL, &zero));
		told(read(ends[0], bad, 1));
		told(write(ends[1], bad, 1));
		dprintf(1, "\n");
	}
	must(used() && misused() && !faults, "afterwards");
	return 0;
}

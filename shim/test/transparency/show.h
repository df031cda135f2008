/* What the transparency programs share: memory that ends where its page ends, at addresses that are
 * the same in every run, and one line for each call: result, errno and a checksum of that memory.
 */
#ifndef TRANSPARENCY_SHOW_H
#define TRANSPARENCY_SHOW_H

#include "calls.h"

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>

/* An errno no call sets: what is still there afterwards was not touched. */
enum { UNTOUCHED = 4242, SLOTS = 5, PAGE = 65536, PATTERN = 0xa5, CLOSED = 900 };

#define SLOTS_START 0x20000000UL
#define UNUSED      __attribute__((unused))
#define COUNT(a)    (sizeof(a) / sizeof *(a))

/* Each slot is a writable page with an inaccessible one behind it. */
static char *slot_page(int slot)
{
	return (char *)SLOTS_START + (size_t)slot * 2 * PAGE;
}

UNUSED static void *read_only(void)
{
	return slot_page(SLOTS);
}

UNUSED static void *no_access(void)
{
	return slot_page(0) + PAGE;
}

__attribute__((constructor(200))) static void map_slots(void)
{
	int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE;
	for (int slot = 0; slot <= SLOTS; slot++) {
		char *page = slot_page(slot);
		int rights = slot == SLOTS ? PROT_READ : PROT_READ | PROT_WRITE;
		if (mmap(page, PAGE, rights, flags, -1, 0) != page ||
			mmap(page + PAGE, PAGE, PROT_NONE, flags, -1, 0) != page + PAGE)
			abort();
		if (slot != SLOTS)
			memset(page, PATTERN, PAGE);
	}
}

/* The last `size` bytes of the slot, holding `data` (or the pattern), the rest of it the pattern.
 */
UNUSED static void *place(int slot, const void *data, size_t size)
{
	char *page = slot_page(slot);
	memset(page, PATTERN, PAGE);
	if (data)
		memcpy(page + PAGE - size, data, size);
	return page + PAGE - size;
}

#define PLACE(slot, ...) place(slot, &(__VA_ARGS__), sizeof(__VA_ARGS__))

static uint32_t memory_sum(void)
{
	uint32_t sum = 2166136261u;
	for (int slot = 0; slot < SLOTS; slot++) {
		const unsigned char *page = (unsigned char *)slot_page(slot);
		for (int i = PAGE - 4096; i < PAGE; i++)
			sum = (sum ^ page[i]) * 16777619u;
	}
	return sum;
}

__attribute__((format(printf, 4, 5))) UNUSED static void shown(
	const char *name, long result, int error, const char *format, ...)
{
	char what[160];
	va_list list;
	va_start(list, format);
	vsnprintf(what, sizeof what, format, list);
	va_end(list);
	const char *symbol = error == UNTOUCHED ? "untouched" : strerrorname_np(error);
	dprintf(1, "%s(%s) = %ld errno=%s memory=%08x\n", name, what, result, symbol ? symbol : "?",
		memory_sum());
}

/* SHOW(name, call, format…): makes the call and prints its line. */
#define SHOW(name, call, ...)                                                                      \
	do {                                                                                       \
		errno = UNTOUCHED;                                                                 \
		long shown_result = (long)(call);                                                  \
		int shown_error = errno;                                                           \
		shown(name, shown_result, shown_error, __VA_ARGS__);                               \
	} while (0)

/* A line about something other than a call's result. */
#define NOTE_LINE(...) dprintf(1, __VA_ARGS__)

static void crash_seen(int number, siginfo_t *info, void *context)
{
	(void)context;
	dprintf(1, "  signal %d code %d at %#lx\n", number, info->si_code,
		(unsigned long)info->si_addr);
	_exit(77);
}

UNUSED static void tell_crashes(void)
{
	struct rlimit none = {0, 0};
	setrlimit(RLIMIT_CORE, &none);
	struct sigaction action = {.sa_sigaction = crash_seen, .sa_flags = SA_SIGINFO};
	sigaction(SIGSEGV, &action, NULL);
	sigaction(SIGBUS, &action, NULL);
}

/* Remaining time is never the same twice: only whether it was written back is kept. */
UNUSED static int same_or_changed(int result, void *now, const void *given, size_t size)
{
	if (memcmp(now, given, size) != 0)
		memset(now, 0xdd, size);
	return result;
}

/* For calls that crash natively (a C library that reads the argument itself): in a child. */
#define CRASH(name, call, ...)                                                                     \
	do {                                                                                       \
		pid_t crash_child = fork();                                                        \
		if (crash_child == 0) {                                                            \
			tell_crashes();                                                            \
			SHOW(name, call, __VA_ARGS__);                                             \
			_exit(0);                                                                  \
		}                                                                                  \
		int crash_status = 0;                                                              \
		waitpid(crash_child, &crash_status, 0);                                            \
		dprintf(1, "  child: exit %d signal %d\n",                                         \
			WIFEXITED(crash_status) ? WEXITSTATUS(crash_status) : -1,                  \
			WIFSIGNALED(crash_status) ? WTERMSIG(crash_status) : 0);                   \
	} while (0)

/* Pointers no call may be given, but perhaps the read-only one, which holds zeros. */
struct bad_pointer {
	const char *name;
	void *pointer;
};
UNUSED static const struct bad_pointer bad_pointers[] = {
	{"NULL", NULL},
	{"1", (void *)1},
	{"kernel", (void *)0xffff888000000000UL},
	{"no access", (void *)(SLOTS_START + PAGE)},
	{"read-only", (void *)(SLOTS_START + 2UL * SLOTS * PAGE)},
	{"end", (void *)(SLOTS_START + PAGE - 2)},
};
#define EACH_BAD_POINTER(bad)                                                                      \
	for (const struct bad_pointer *bad = bad_pointers;                                         \
		bad < bad_pointers + COUNT(bad_pointers); bad++)

UNUSED static void must(int holds, const char *what)
{
	if (holds)
		return;
	dprintf(1, "cannot go on: %s: %m\n", what);
	_exit(99);
}

/* The descriptors that are open, with their flags: nothing may appear or vanish. */
UNUSED static void show_descriptors(void)
{
	for (int fd = 0; fd < 1024; fd++) {
		int flags = fcntl(fd, F_GETFD);
		if (flags >= 0)
			NOTE_LINE("open: %d fd_flags=%d status=%#x\n", fd, flags,
				fcntl(fd, F_GETFL) & ~O_LARGEFILE);
	}
}

/* Signal mask as one number, of the calling thread. */
UNUSED static unsigned long signal_mask(void)
{
	unsigned long mask = 0;
	syscall(SYS_rt_sigprocmask, SIG_BLOCK, NULL, &mask, 8);
	return mask;
}

static volatile sig_atomic_t signals_seen;

UNUSED static void count_signal(int number)
{
	(void)number;
	signals_seen++;
}

UNUSED static void on_signal(int number, void (*function)(int), int flags)
{
	struct sigaction action = {.sa_handler = function, .sa_flags = flags};
	must(sigaction(number, &action, NULL) == 0, "sigaction");
}

/* SIGALRM every few milliseconds until stopped: one that comes too early is followed by another. */
UNUSED static void alarms(int on)
{
	struct itimerval every = {{0, on ? 5000 : 0}, {0, on ? 5000 : 0}};
	must(setitimer(ITIMER_REAL, &every, NULL) == 0, "setitimer");
}

#endif

/* The frame of every program here: its seed, its chance, system calls out of the library's sight,
 * and the record of what was done, for the line that says what diverged. */
#ifndef SHADOW_OPERATIONS_H
#define SHADOW_OPERATIONS_H

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define UNUSED __attribute__((unused))

static uint64_t seed;
static long rounds;

static inline void must(bool holds, const char *what)
{
	if (holds)
		return;
	printf("failed: %s: %m\n", what);
	fflush(stdout);
	_exit(99);
}

/* A system call that no library can see. */
static inline long unwatched(long number, long a, long b, long c, long d)
{
#ifdef __x86_64__
	register long r10 __asm__("r10") = d;
	long result;
	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10)
			 : "rcx", "r11", "memory");
	return result;
#elif defined __i386__
	long result;
	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "a"(number), "b"(a), "c"(b), "d"(c), "S"(d)
			 : "memory");
	return result;
#else
	register long x8 __asm__("x8") = number, x0 __asm__("x0") = a, x1 __asm__("x1") = b,
			 x2 __asm__("x2") = c, x3 __asm__("x3") = d;
	__asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3) : "memory");
	return x0;
#endif
}

/* --- chance: xorshift*, one state for each thread, the same for the same seed --- */

static _Thread_local uint64_t chance;

static void chance_begins(uint64_t number)
{
	chance = (seed + 1) * 0x9e3779b97f4a7c15u ^ (number + 1) * 0xd1342543de82ef95u;
	chance += chance == 0;
}

static uint32_t below(uint32_t limit)
{
	chance ^= chance >> 12;
	chance ^= chance << 25;
	chance ^= chance >> 27;
	return (uint32_t)((chance * 0x2545f4914f6cdd1du >> 33) % limit);
}

UNUSED static bool one_in(uint32_t n)
{
	return below(n) == 0;
}

/* What a program does, and how often; the last row has none. */
struct weighted {
	void (*act)(void);
	uint32_t weight;
};

UNUSED static void act(const struct weighted *acts)
{
	uint32_t all = 0;
	for (int i = 0; acts[i].act; i++)
		all += acts[i].weight;
	uint32_t which = below(all);
	while (which >= acts->weight)
		which -= acts++->weight;
	acts->act();
}

/* --- what was done --- */

enum { KEPT = 1 << 15, PRINTED = 10 };

struct operation {
	const char *name;
	int first, second, result, error, thread;
	uint32_t events;
	uint64_t data;
};

static struct operation operations[KEPT];
static _Atomic uint32_t operations_done;
static _Thread_local int thread_number;

/* Called right after: errno is the operation's. Returns result. */
static int noted(
	const char *name, int first, int second, const struct epoll_event *event, long result)
{
	int error = result < 0 ? errno : 0;
	struct operation *o = &operations[atomic_fetch_add(&operations_done, 1) % KEPT];
	*o = (struct operation){name, first, second, (int)result, error, thread_number, 0, 0};
	if (event) {
		o->events = event->events;
		o->data = event->data.u64;
	}
	errno = error;
	return (int)result;
}

static bool concerns(const struct operation *o, int fd)
{
	if (!o->name)
		return false;
	if (strcmp(o->name, "close_range") == 0)
		return o->first <= fd && fd <= o->second;
	return o->first == fd || o->second == fd || o->result == fd;
}

static void print_operation(uint32_t number, const struct operation *o)
{
	printf("  %u: %s(%d, %d", number, o->name, o->first, o->second);
	if (o->events || o->data)
		printf(", {%#x, %#llx}", o->events, (unsigned long long)o->data);
	printf(") = %d%s%s in thread %d\n", o->result, o->error ? " " : "",
		o->error ? strerrorname_np(o->error) : "", o->thread);
}

static void print_operations(int fd)
{
	uint32_t done = atomic_load(&operations_done), number = done, found[PRINTED], count = 0;
	while (number > 0 && done - number < KEPT - 1 && count < PRINTED)
		if (concerns(&operations[--number % KEPT], fd))
			found[count++] = number;
	while (count--)
		print_operation(found[count], &operations[found[count] % KEPT]);
}

/* As many open files as this process may have, 65536 at the most; numbers end there. */
UNUSED static int open_files(void)
{
	struct rlimit limit;
	must(getrlimit(RLIMIT_NOFILE, &limit) == 0, "getrlimit");
	limit.rlim_cur = limit.rlim_max < 65536 ? limit.rlim_max : 65536;
	must(setrlimit(RLIMIT_NOFILE, &limit) == 0, "setrlimit");
	return (int)limit.rlim_cur;
}

/* --- the program's arguments: [rounds [seed]] --- */

static void begin(int argc, char **argv, long usual_rounds)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	rounds = argc > 1 ? strtol(argv[1], NULL, 0) : usual_rounds;
	seed = argc > 2 ? strtoull(argv[2], NULL, 0) : (uint64_t)now.tv_nsec;
	printf("seed %llu, rounds %ld\n", (unsigned long long)seed, rounds);
	fflush(stdout);
	chance_begins(0);
}

#endif

/* A child for each command: what it may take is limited, and what it reached is told its parent. */
#include "trace.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { CPU_SECONDS = 5, SECONDS = 15, MEMORY_MB = 1024, OUTPUT_MB = 64, LOOK_MS = 100 };

/* --- what was reached --- */

/* The counters of libFuzzer (clang's SanitizerCoverage) and of clang's coverage are sections; each
 * build has one of them or none. AFL's are shared memory already. */
extern char __start___sancov_cntrs[] __attribute__((weak)),
	__stop___sancov_cntrs[] __attribute__((weak));
extern char __start___llvm_prf_cnts[] __attribute__((weak)),
	__stop___llvm_prf_cnts[] __attribute__((weak));

static struct counters {
	char *start, *stop, *shared;
} all_counters[] = {{__start___sancov_cntrs, __stop___sancov_cntrs, NULL},
	{__start___llvm_prf_cnts, __stop___llvm_prf_cnts, NULL}};
enum { COUNTERS = sizeof(all_counters) / sizeof(all_counters[0]) };

static size_t size_of(const struct counters *c)
{
	return (size_t)(c->stop - c->start);
}

static void share_counters(void)
{
	for (struct counters *c = all_counters; c < all_counters + COUNTERS; c++)
		if (size_of(c) && !c->shared)
			c->shared = mmap(NULL, size_of(c), PROT_READ | PROT_WRITE,
				MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	for (struct counters *c = all_counters; c < all_counters + COUNTERS; c++)
		if (c->shared)
			memcpy(c->shared, c->start, size_of(c));
}

static void tell_counters(void)
{
	for (struct counters *c = all_counters; c < all_counters + COUNTERS; c++)
		if (c->shared)
			memcpy(c->shared, c->start, size_of(c));
}

static void take_counters(void)
{
	for (struct counters *c = all_counters; c < all_counters + COUNTERS; c++)
		if (c->shared)
			memcpy(c->start, c->shared, size_of(c));
}

/* --- the child --- */

/* Most that is allocated is libbabeltrace2's, and for what is not read much: short stacks are
 * enough, and fewer pages to give back for each child. */
const char *__asan_default_options(void);

const char *__asan_default_options(void)
{
	return "malloc_context_size=4:quarantine_size_mb=1";
}

/* The engine takes an exit within an input for a crash; nothing after this runs. */
static void end(int status, void *unused)
{
	(void)unused;
	fflush(NULL);
	tell_counters();
	_exit(status);
}

void __sanitizer_set_report_fd(void *) __attribute__((weak));

static void redirect(int out, int complaints)
{
	int report = dup(STDERR_FILENO);
	if (__sanitizer_set_report_fd)
		__sanitizer_set_report_fd((void *)(intptr_t)report);
	dup2(out, STDOUT_FILENO);
	dup2(complaints, STDERR_FILENO);
}

static void limit(void)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
	setrlimit(RLIMIT_CPU, &(struct rlimit){CPU_SECONDS, CPU_SECONDS + 1});
	setrlimit(RLIMIT_FSIZE, &(struct rlimit){OUTPUT_MB << 20, OUTPUT_MB << 20});
	signal(SIGXCPU, SIG_DFL);
	signal(SIGXFSZ, SIG_DFL);
	signal(SIGALRM, SIG_DFL);
}

/* --- the parent --- */

static unsigned resident_mb(pid_t child)
{
	char path[64];
	unsigned long size, resident = 0;
	snprintf(path, sizeof(path), "/proc/%d/statm", child);
	FILE *file = fopen(path, "r");
	if (file && fscanf(file, "%lu %lu", &size, &resident) != 2)
		resident = 0;
	if (file)
		fclose(file);
	return (unsigned)(resident * (unsigned long)sysconf(_SC_PAGESIZE) >> 20);
}

/* 0: it ended. The sanitizers and the engine reserve more addresses than a limit on them allows, so
 * that what it has is looked at now and then. */
static int watch(pid_t child)
{
	time_t deadline = time(NULL) + SECONDS;
	struct pollfd ended = {.fd = (int)syscall(SYS_pidfd_open, child, 0), .events = POLLIN};
	int why = 0;
	while (!why && poll(&ended, 1, LOOK_MS) <= 0)
		why = time(NULL) > deadline            ? TOO_LONG
		      : resident_mb(child) > MEMORY_MB ? TOO_LARGE
						       : 0;
	close(ended.fd);
	return why;
}

int child_runs(int (*command)(int, char **), int argc, char **argv, int out, int complaints)
{
	int status;
	share_counters();
	fflush(stdout);
	pid_t child = fork();
	if (child == 0) {
		limit();
		redirect(out, complaints);
		on_exit(end, NULL);
		exit(command(argc, argv));
	}
	int why = watch(child);
	if (why)
		kill(child, SIGKILL);
	waitpid(child, &status, 0);
	take_counters();
	return why ? why : WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU ? TOO_LONG : status;
}

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

/* libFuzzer's counters (clang's SanitizerCoverage) are a section of the program, where it is built
 * with them. AFL's, and those of make coverage, are in memory that is shared already. */
extern char __start___sancov_cntrs[] __attribute__((weak)),
	__stop___sancov_cntrs[] __attribute__((weak));
static char *shared;

static size_t counters_size(void)
{
	return (size_t)(__stop___sancov_cntrs - __start___sancov_cntrs);
}

static void share_counters(void)
{
	if (counters_size() && !shared)
		shared = mmap(NULL, counters_size(), PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared)
		memcpy(shared, __start___sancov_cntrs, counters_size());
}

static void tell_counters(void)
{
	if (shared)
		memcpy(shared, __start___sancov_cntrs, counters_size());
}

static void take_counters(void)
{
	if (shared)
		memcpy(__start___sancov_cntrs, shared, counters_size());
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

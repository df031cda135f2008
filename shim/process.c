/* Constructor, destructor, threads, forks. */
#include "process.h"

#include "config.h"
#include "fdtable.h"
#include "follow.h"
#include "ghosts.h"
#include "inherited.h"
#include "inject.h"
#include "interrupted.h"
#include "leaks.h"
#include "report.h"
#include "sink.h"
#include "stack.h"
#include "trace.h"
#include "wakeups.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

HOT _Atomic bool watching, recording;
__thread struct self self __attribute__((tls_model("initial-exec")));
_Atomic bool process_sandboxed;
bool process_confined;

static _Atomic uint32_t unwatched_counts[UNWATCHED_KINDS];
static uint16_t depth;
static uint64_t child_since;

/* --- threads --- */

enum { THREADS_NAMED = 1024 };
static _Atomic uint32_t threads;
static _Atomic int tids[THREADS_NAMED];

uint32_t process_thread_met(void)
{
	self.ordinal = atomic_fetch_add(&threads, 1) + 1;
	if (self.ordinal < THREADS_NAMED && may_make_system_calls() && !process_confined) {
		KEEP_ERRNO;
		PUT(tids[self.ordinal], (int)SYSTEM(gettid));
	}
	return self.ordinal;
}

uint32_t process_thread_count(void)
{
	return GET(threads);
}

/* <sys/single_threaded.h>, since glibc 2.32. */
extern char __libc_single_threaded __attribute__((weak));

/* A folder has a link for itself, one of its parent and one of each folder in it (stat(2)). */
static bool one_task(void)
{
	enum { LINKS_ASKED = 4, LINKS = 4 };
	uint32_t found[64]; /* struct statx, which musl 1.2.3 does not declare */
	KEEP_ERRNO;
	return may_make_system_calls() && !process_confined &&
	       SYSTEM(statx, AT_FDCWD, "/proc/self/task", 0, LINKS_ASKED, found) == 0 &&
	       found[LINKS] == 3;
}

bool process_alone(void)
{
	return &__libc_single_threaded ? __libc_single_threaded : one_task();
}

int process_tid(uint32_t thread)
{
	return thread < THREADS_NAMED ? GET(tids[thread]) : 0;
}

uint64_t process_now(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* --- signals --- */

uint64_t process_signals_off(void)
{
	uint64_t all = ~0ull, blocked = 0;
	if (may_make_system_calls() && !process_confined)
		SYSTEM(rt_sigprocmask, (long)SIG_SETMASK, &all, &blocked, sizeof(all));
	return blocked;
}

void process_signals_back(uint64_t blocked)
{
	if (may_make_system_calls() && !process_confined)
		SYSTEM(rt_sigprocmask, (long)SIG_SETMASK, &blocked, NULL, sizeof(blocked));
}

/* --- memory --- */

void *process_memory(size_t size)
{
	if (!may_make_system_calls())
		return NULL;
	KEEP_ERRNO;
	void *made = mmap(NULL, size, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	return made == MAP_FAILED ? NULL : made;
}

/* --- sandboxes --- */

void process_sandbox_begins(bool strict)
{
	if (GET(trace_on) && !GET(process_sandboxed))
		trace_sandboxed(strict);
	PUT(process_sandboxed, true);
}

void process_sandbox_refused(bool had_one)
{
	PUT(process_sandboxed, had_one);
	if (GET(trace_on) && !had_one)
		trace_not_sandboxed();
}

/* --- what was not watched --- */

void process_unwatched(enum unwatched what)
{
	atomic_fetch_add(&unwatched_counts[what], 1);
}

uint32_t process_unwatched_count(enum unwatched what)
{
	return GET(unwatched_counts[what]);
}

/* --- what /proc/self/status tells without a system call the loader does not make --- */

bool process_file(const char *path, char *text, size_t size)
{
	long fd = SYSTEM(openat, (long)AT_FDCWD, path, (long)(O_RDONLY | O_CLOEXEC), 0L);
	if (fd < 0)
		return false;
	long got = SYSTEM(read, fd, text, size - 1);
	SYSTEM(close, fd);
	text[got > 0 ? got : 0] = '\0';
	return true;
}

static long status_number(const char *field)
{
	char text[2048];
	const char *found =
		process_file("/proc/self/status", text, sizeof(text)) ? strstr(text, field) : NULL;
	return found ? strtol(found + strlen(field), NULL, 10) : 0;
}

int process_pid(void)
{
	return (int)(process_confined ? status_number("\nPid:") : SYSTEM(getpid));
}

static int own_pid;

bool process_is_itself(void)
{
	return !may_make_system_calls() || process_pid() == own_pid;
}

/* --- beginning, fork and end --- */

void process_forked(bool child)
{
	atomic_fetch_add(&fd_forks, 1);
	if (!child) {
		ghosts_forked();
		return;
	}
	depth++;
	own_pid = process_pid();
	child_since = process_now();
	if (self.ordinal && self.ordinal < THREADS_NAMED && may_make_system_calls() &&
		!process_confined)
		PUT(tids[self.ordinal], (int)SYSTEM(gettid));
	interrupted_forked();
	leaks_forked();
	report_forked();
}

bool process_is_forked_child(void)
{
	return depth > 0;
}

uint16_t process_depth(void)
{
	return depth;
}

uint64_t process_child_ms(void)
{
	return (process_now() - child_since) / 1000000;
}

__attribute__((constructor(101))) static void begin(void)
{
	KEEP_ERRNO;
	real_find_all();
	process_confined = status_number("\nSeccomp:") != 0;
	own_pid = process_pid();
	sink_remember_standard_error();
	config_read(getenv("POLLCHECK_OPTIONS"));
	follow_start();
	inject_start();
	syscall_routes_start();
	module_start();
	wakeups_start();
	process_thread();
	report_start();
	trace_start();
	PUT(recording, config.log || GET(trace_on));
	PUT(watching, !config.off);
}

void process_end(void)
{
	KEEP_ERRNO;
	if (!GET(watching))
		return;
	interrupted_end();
	inherited_left(false);
	report_end();
}

__attribute__((destructor(101))) static void end(void)
{
	process_end();
	PUT(watching, false);
}

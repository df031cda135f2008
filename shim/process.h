/* The process: its threads, forks, sandbox and end. */
#ifndef POLLCHECK_PROCESS_H
#define POLLCHECK_PROCESS_H

#include "call.h"
#include "real.h"

#include <sys/syscall.h>

/* Set once the program asked for a seccomp filter: from here on no system call of ours
 * (seccomp(2)). */
extern _Atomic bool process_sandboxed;
/* A filter was there when the program started. It lets pass what ld.so(8) itself needs, so files
 * can be opened and written; what we can do without is not called. */
extern bool process_confined;

/* Our own system calls go straight to the kernel: no cancellation point, no wrapper of ours. */
#define SYSTEM(name, ...) REAL(syscall)(SYS_##name, ##__VA_ARGS__)

static inline bool may_make_system_calls(void)
{
	return !atomic_load_explicit(&process_sandboxed, memory_order_relaxed);
}

/* The calling thread's number, in the order threads were first seen. */
uint32_t process_thread_met(void);
static inline uint32_t process_thread(void)
{
	return likely(self.ordinal) ? self.ordinal : process_thread_met();
}
uint32_t process_thread_count(void);
/* Whether there is no thread but the caller, counted by who makes them: one that computes, or waits
 * for another, was never met. */
bool process_alone(void);
int process_pid(void);
/* Whether the caller still is the process that was started or forked, and not a clone in its
 * memory. */
bool process_is_itself(void);
static inline void *process_thread_pointer(void)
{
#if defined __x86_64__
	void *pointer;
	__asm__("movq %%fs:0, %0" : "=r"(pointer));
	return pointer;
#elif defined __i386__
	void *pointer;
	__asm__("movl %%gs:0, %0" : "=r"(pointer));
	return pointer;
#else
	return __builtin_thread_pointer();
#endif
}
/* Kernel thread id of such a number; 0 when it could not be asked. */
int process_tid(uint32_t thread);
/* Nanoseconds of CLOCK_MONOTONIC, by the vDSO. */
uint64_t process_now(void);
/* In the child of a fork, in the parent after one. */
void process_forked(bool child);
bool process_is_forked_child(void);
/* How many forks lie between this process and the one that was executed. */
uint16_t process_depth(void);
/* Milliseconds since this forked child began. */
uint64_t process_child_ms(void);
/* Blocks all signals of this thread and returns what was blocked, for process_signals_back: a
 * handler that leaves by siglongjmp while we hold a descriptor or the desk would take them along.
 */
uint64_t process_signals_off(void);
void process_signals_back(uint64_t blocked);
/* The beginning of a small file of /proc, as a string; false when there is none. */
bool process_file(const char *path, char *text, size_t size);
/* Anonymous zeroed memory that is never given back; NULL when there is none or we may not ask. */
void *process_memory(size_t size);
/* The program is about to ask for a seccomp filter, or for strict mode; it did not get it. */
void process_sandbox_begins(bool strict);
void process_sandbox_refused(bool had_one);
/* Says the summary and stops watching; at exit(3) and _exit(2). */
void process_end(void);

/* Fills the table entry.S reads; once, from the constructor (interpose_syscall.c). */
void syscall_routes_start(void);

/* What was noticed but could not be watched, for the coverage line. */
enum unwatched {
	IO_URING,
	RAW_CLONE,
	FD_BEYOND_TABLE,
	LOST_INSTANCE,
	UNSHARED_FILES,
	UNWATCHED_KINDS
};
void process_unwatched(enum unwatched);
uint32_t process_unwatched_count(enum unwatched);

#endif

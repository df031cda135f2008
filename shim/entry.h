/* What entry.S and C call of each other. */
#ifndef POLLCHECK_ENTRY_H
#define POLLCHECK_ENTRY_H

#include <stdbool.h>
#include <stdint.h>

#define FOR_ASSEMBLY __attribute__((visibility("hidden")))

extern FOR_ASSEMBLY uint64_t syscall_ours[]; /* one bit a number that syscall_routed takes */
extern FOR_ASSEMBLY void *syscall_real;
FOR_ASSEMBLY long syscall_routed(long number, long a, long b, long c, long d, long e, long f);
FOR_ASSEMBLY long fail_with(int error); /* sets errno, returns -1 */
/* From here the child runs in our memory, until it executes a program or ends. */
FOR_ASSEMBLY void vfork_child_runs(bool child);

#endif

/* inherited PROGRAM ARGUMENTS: executes it under a filter that kills on whatever a plain C
 * program's start and use need not, as a service manager's list of system calls does. */
#include "use.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>

static const unsigned allowed[] = {
#ifdef SYS_poll
	SYS_poll, SYS_epoll_wait, SYS_pipe, SYS_access, SYS_arch_prctl,
#endif
	SYS_ppoll, SYS_pselect6, SYS_epoll_pwait, SYS_epoll_create1, SYS_epoll_ctl, SYS_pipe2,
	SYS_dup, SYS_read, SYS_write, SYS_close, SYS_exit_group, SYS_rt_sigreturn,
	/* to start: what ld.so and the C library call */
	SYS_execve, SYS_brk, SYS_mmap, SYS_munmap, SYS_mprotect, SYS_openat, SYS_pread64, SYS_fstat,
	SYS_newfstatat, SYS_faccessat, SYS_set_tid_address, SYS_set_robust_list, SYS_rseq,
	SYS_prlimit64, SYS_getrandom, SYS_lseek, SYS_rt_sigprocmask, SYS_futex};

enum { ALLOWED = sizeof allowed / sizeof *allowed };

int main(int count, char **arguments)
{
	struct sock_filter code[ALLOWED * 2 + 2];
	must(count > 1, "usage: inherited PROGRAM ARGUMENTS");
	code[0] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0);
	for (int i = 0; i < ALLOWED; i++) {
		code[1 + 2 * i] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ, allowed[i], 0, 1);
		code[2 + 2 * i] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	}
	code[ALLOWED * 2 + 1] =
		(struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
	struct sock_fprog program = {ALLOWED * 2 + 2, code};
	must(!prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no new privileges");
	must(!prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), "filter");
	execv(arguments[1], arguments + 1);
	return 97;
}

/* sandbox KIND ROUTE: a seccomp filter that lets through the program's own calls and kills on any
 * other (kind "list"), refuses them (kind "refuse"), or the strict mode; set by prctl or syscall.
 */
#include "use.h"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>

static const unsigned own[] = {
#ifdef SYS_poll
	SYS_poll, SYS_epoll_wait, SYS_pipe,
#endif
	SYS_ppoll, SYS_pselect6, SYS_epoll_pwait, SYS_epoll_create1, SYS_epoll_ctl, SYS_pipe2,
	SYS_dup, SYS_read, SYS_close, SYS_exit_group, SYS_rt_sigreturn};

enum { OWN = sizeof own / sizeof *own };

/* write is allowed to descriptors of the program alone: a report of ours would show. */
static struct sock_filter *write_rule(struct sock_filter *next, unsigned first)
{
	const struct sock_filter rule[] = {BPF_JUMP(BPF_JMP | BPF_JEQ, SYS_write, 0, 4),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[2])),
		BPF_JUMP(BPF_JMP | BPF_JGE, first, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS)};
	memcpy(next, rule, sizeof rule);
	return next + sizeof rule / sizeof *rule;
}

static struct sock_fprog filter(unsigned otherwise)
{
	static struct sock_filter code[OWN * 2 + 16], *next;
	next = code;
	*next++ = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0);
	for (int i = 0; i < OWN; i++) {
		*next++ = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ, own[i], 0, 1);
		*next++ = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	}
	next = write_rule(next, 33);
	*next++ = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, otherwise);
	return (struct sock_fprog){(unsigned short)(next - code), code};
}

static void enter(const char *kind, const char *route)
{
	must(!prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no new privileges");
	struct sock_fprog program = filter(
		strcmp(kind, "refuse") == 0 ? SECCOMP_RET_ERRNO | EPERM : SECCOMP_RET_KILL_PROCESS);
	bool strict = strcmp(kind, "strict") == 0, by_prctl = strcmp(route, "prctl") == 0;
	long result;
	if (by_prctl)
		result = strict ? prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT)
				: prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
	else
		result = strict ? syscall(SYS_seccomp, SECCOMP_SET_MODE_STRICT, 0, NULL)
				: syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
	if (result != 0)
		_exit(98);
}

/* read, write and exit are all that strict mode leaves, not even exit_group. */
static void strictly(const int ends[2])
{
	char byte = 0;
	bool right = true;
	for (int i = 0; i < 1000; i++)
		right = write(ends[1], "x", 1) == 1 && read(ends[0], &byte, 1) == 1 && right;
	right = read(-1, &byte, 1) == -1 && errno == EBADF && right;
	syscall(SYS_exit, right ? 0 : 7);
}

int main(int count, char **arguments)
{
	int ends[2];
	must(count == 3 && !pipe(ends), "usage: sandbox list|refuse|strict prctl|syscall");
	must(used() && misused(), "before");
	enter(arguments[1], arguments[2]);
	if (strcmp(arguments[1], "strict") == 0)
		strictly(ends);
	bool right = true;
	for (int i = 0; i < 300; i++)
		right = used() && misused() && right;
	write(1, right ? "sandbox done\n" : "sandbox wrong\n", right ? 13 : 14);
	exit(right ? 0 : 7);
}

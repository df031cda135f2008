/* Closes a socket with numbers in the frame pointer that are no address, or the edge of all
 * addresses: a function compiled with -fomit-frame-pointer keeps there what it likes. */
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef __x86_64__
int close_with(int fd, uintptr_t frame_pointer);
__asm__(".globl close_with\n"
	"close_with:\n"
	".cfi_startproc\n"
	"push %rbp\n"
	".cfi_adjust_cfa_offset 8\n"
	".cfi_offset %rbp, -16\n"
	"mov %rsi, %rbp\n"
	"call close@PLT\n"
	"pop %rbp\n"
	".cfi_adjust_cfa_offset -8\n"
	".cfi_restore %rbp\n"
	"ret\n"
	".cfi_endproc\n");
#else
static int close_with(int fd, uintptr_t frame_pointer)
{
	(void)frame_pointer;
	return close(fd);
}
#endif

/* The library looks at a call site once, so each number has a process of its own. */
int main(void)
{
	static const uintptr_t numbers[] = {0, 8, (uintptr_t)-1, (uintptr_t)-8, (uintptr_t)-16,
		(uintptr_t)-24, UINTPTR_MAX / 2, 0xdeadbeef};
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		int status, pair[2];
		if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
			return 99;
		if (fork() == 0)
			_exit(close_with(pair[0], numbers[i]) + close_with(pair[1], numbers[i]));
		if (wait(&status) < 0 || close(pair[0]) + close(pair[1]) != 0)
			return 99;
		printf("%zx %x\n", numbers[i], (unsigned)status);
	}
	return 0;
}

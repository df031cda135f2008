/* The two entry points that cannot be written in C. syscall(2): a C forwarder would break SYS_clone and
 * SYS_vfork, whose child returns into our frame, so other numbers get a jump. vfork(2): it returns twice
 * into one stack frame, so the return address is kept in a register across the system call. */
#include <sys/syscall.h>

	.text
	.hidden syscall_ours
	.hidden syscall_routed
	.hidden vfork_child_runs
	.hidden syscall_real
	.hidden fail_with

#if defined __x86_64__

	.globl	syscall
	.type	syscall, @function
syscall:
	.cfi_startproc
	endbr64
	cmpq	$511, %rdi
	ja	1f
	leaq	syscall_ours(%rip), %rax
	btq	%rdi, (%rax)
	jc	syscall_routed
1:	movq	syscall_real(%rip), %rax
	testq	%rax, %rax
	jz	2f
	jmp	*%rax
	/* Before our constructor: what the C library's own does (its sysdeps/unix/sysv/linux/x86_64/syscall.S). */
2:	movq	%rdi, %rax
	movq	%rsi, %rdi
	movq	%rdx, %rsi
	movq	%rcx, %rdx
	movq	%r8, %r10
	movq	%r9, %r8
	movq	8(%rsp), %r9
	syscall
	cmpq	$-4095, %rax
	jae	system_call_failed
	ret
	.cfi_endproc
	.size	syscall, .-syscall

	.globl	vfork
	.globl	__vfork
	.type	vfork, @function
	.type	__vfork, @function
vfork:
__vfork:
	.cfi_startproc
	endbr64
	popq	%rdi
	.cfi_adjust_cfa_offset -8
	.cfi_register %rip, %rdi
	movl	$SYS_vfork, %eax
	syscall
	pushq	%rdi
	.cfi_adjust_cfa_offset 8
	cmpq	$-4095, %rax
	jae	system_call_failed
	pushq	%rax
	.cfi_adjust_cfa_offset 8
	xorl	%edi, %edi
	testl	%eax, %eax
	sete	%dil
	call	vfork_child_runs
	popq	%rax
	.cfi_adjust_cfa_offset -8
	ret
	.cfi_endproc
	.size	vfork, .-vfork

system_call_failed:
	negl	%eax
	movl	%eax, %edi
	jmp	fail_with

#elif defined __aarch64__

	.globl	syscall
	.type	syscall, %function
syscall:
	.cfi_startproc
	cmp	x0, #511
	b.hi	1f
	adrp	x9, syscall_ours
	add	x9, x9, :lo12:syscall_ours
	lsr	x10, x0, #6
	ldr	x9, [x9, x10, lsl #3]
	and	x10, x0, #63
	lsr	x9, x9, x10
	tbnz	x9, #0, syscall_routed
1:	adrp	x9, syscall_real
	ldr	x9, [x9, :lo12:syscall_real]
	cbz	x9, 2f
	br	x9
2:	uxtw	x8, w0
	mov	x0, x1
	mov	x1, x2
	mov	x2, x3
	mov	x3, x4
	mov	x4, x5
	mov	x5, x6
	svc	#0
	cmn	x0, #4095
	b.cs	system_call_failed
	ret
	.cfi_endproc
	.size	syscall, .-syscall

	.globl	vfork
	.globl	__vfork
	.type	vfork, %function
	.type	__vfork, %function
vfork:
__vfork:
	.cfi_startproc
	/* clone(CLONE_VM|CLONE_VFORK|SIGCHLD, 0): this architecture has no vfork. The child must not
	 * overwrite what the parent will pop: the return address stays in x30 until it is called upon. */
	mov	x0, #0x4111
	mov	x1, #0
	mov	x8, #SYS_clone
	svc	#0
	cmn	x0, #4095
	b.cs	system_call_failed
	stp	x0, x30, [sp, #-16]!
	.cfi_adjust_cfa_offset 16
	cmp	x0, #0
	cset	w0, eq
	bl	vfork_child_runs
	ldp	x0, x30, [sp], #16
	.cfi_adjust_cfa_offset -16
	ret
	.cfi_endproc
	.size	vfork, .-vfork

system_call_failed:
	neg	w0, w0
	b	fail_with

#else
#error "pollcheck: syscall and vfork are written for x86-64 and aarch64"
#endif

	.section .note.GNU-stack, "", %progbits

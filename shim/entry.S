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
	.cfi_restore %rip
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

/* A landing pad, should our callers be built with branch target identification; else it does nothing. */
#define BTI_C hint #34

	.globl	syscall
	.type	syscall, %function
syscall:
	.cfi_startproc
	BTI_C
	cmp	x0, #511
	b.hi	1f
	adrp	x9, syscall_ours
	add	x9, x9, :lo12:syscall_ours
	lsr	x10, x0, #6
	ldr	x9, [x9, x10, lsl #3]
	lsr	x9, x9, x0	/* by the number modulo 64 */
	tbz	x9, #0, 1f
	b	syscall_routed
1:	adrp	x9, syscall_real
	ldr	x9, [x9, :lo12:syscall_real]
	cbz	x9, 2f
	mov	x16, x9		/* a jump from x16 may land where a call may */
	br	x16
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
	BTI_C
	/* clone(CLONE_VM|CLONE_VFORK|SIGCHLD, 0): this architecture has no vfork. Parent and child share the
	 * stack, so neither has anything on it across the system call: the return address stays in x30. */
	mov	x0, #0x4111
	mov	x1, #0
	mov	x8, #SYS_clone
	svc	#0
	cmn	x0, #4095
	b.cs	system_call_failed
	stp	x0, x30, [sp, #-16]!
	.cfi_adjust_cfa_offset 16
	.cfi_rel_offset x30, 8
	cmp	x0, #0
	cset	w0, eq
	bl	vfork_child_runs
	ldp	x0, x30, [sp], #16
	.cfi_adjust_cfa_offset -16
	.cfi_restore x30
	ret
	.cfi_endproc
	.size	vfork, .-vfork

system_call_failed:
	neg	w0, w0
	b	fail_with

	/* GNU_PROPERTY_AARCH64_FEATURE_1_AND with its BTI bit: the linker marks the library only if every
	 * object is so marked. */
	.section .note.gnu.property, "a"
	.balign	8
	.long	4, 16, 5
	.asciz	"GNU"
	.long	0xc0000000, 4, 1, 0

#elif defined __i386__

	.globl	syscall
	.type	syscall, @function
syscall:
	.cfi_startproc
	call	pc_in_ecx
	addl	$_GLOBAL_OFFSET_TABLE_, %ecx
	movl	4(%esp), %eax
	cmpl	$511, %eax
	ja	1f
	btl	%eax, syscall_ours@GOTOFF(%ecx)
	jc	syscall_routed
1:	movl	syscall_real@GOTOFF(%ecx), %eax
	testl	%eax, %eax
	jz	2f
	jmp	*%eax
2:	pushl	%ebp
	.cfi_adjust_cfa_offset 4
	.cfi_rel_offset %ebp, 0
	pushl	%edi
	.cfi_adjust_cfa_offset 4
	.cfi_rel_offset %edi, 0
	pushl	%esi
	.cfi_adjust_cfa_offset 4
	.cfi_rel_offset %esi, 0
	pushl	%ebx
	.cfi_adjust_cfa_offset 4
	.cfi_rel_offset %ebx, 0
	movl	20(%esp), %eax
	movl	24(%esp), %ebx
	movl	28(%esp), %ecx
	movl	32(%esp), %edx
	movl	36(%esp), %esi
	movl	40(%esp), %edi
	movl	44(%esp), %ebp
	int	$0x80
	popl	%ebx
	.cfi_adjust_cfa_offset -4
	.cfi_restore %ebx
	popl	%esi
	.cfi_adjust_cfa_offset -4
	.cfi_restore %esi
	popl	%edi
	.cfi_adjust_cfa_offset -4
	.cfi_restore %edi
	popl	%ebp
	.cfi_adjust_cfa_offset -4
	.cfi_restore %ebp
	cmpl	$-4095, %eax
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
	popl	%ecx
	.cfi_adjust_cfa_offset -4
	.cfi_register %eip, %ecx
	movl	$SYS_vfork, %eax
	int	$0x80
	pushl	%ecx
	.cfi_adjust_cfa_offset 4
	.cfi_restore %eip
	cmpl	$-4095, %eax
	jae	system_call_failed
	pushl	%eax
	.cfi_adjust_cfa_offset 4
	xorl	%edx, %edx
	testl	%eax, %eax
	sete	%dl
	subl	$4, %esp	/* the ABI wants 16 bytes aligned at a call */
	.cfi_adjust_cfa_offset 4
	pushl	%edx
	.cfi_adjust_cfa_offset 4
	call	vfork_child_runs
	addl	$8, %esp
	.cfi_adjust_cfa_offset -8
	popl	%eax
	.cfi_adjust_cfa_offset -4
	ret
	.cfi_endproc
	.size	vfork, .-vfork

system_call_failed:
	.cfi_startproc
	negl	%eax
	subl	$8, %esp
	.cfi_adjust_cfa_offset 8
	pushl	%eax
	.cfi_adjust_cfa_offset 4
	call	fail_with
	addl	$12, %esp
	.cfi_adjust_cfa_offset -12
	ret
	.cfi_endproc

pc_in_ecx:
	.cfi_startproc
	movl	(%esp), %ecx
	ret
	.cfi_endproc

#else
#error "pollcheck: syscall and vfork are written for x86-64, i386 and aarch64"
#endif

	.section .note.GNU-stack, "", %progbits

/* What a program may tell libpollcheck(7) that the library cannot see. Without the library each of
 * these is one test of a pointer; nothing is linked. C99 and later, C++98 and later. */
#ifndef POLLCHECK_H
#define POLLCHECK_H

#ifdef __cplusplus
extern "C" {
#endif

enum pollcheck_annotation {
	POLLCHECK_IGNORE_FD = 1,
	POLLCHECK_DRAINED,
	POLLCHECK_EXPECT_IDLE,
	POLLCHECK_IDLE_OVER
};

/* For the functions below alone. What the library does not know it ignores. */
extern void pollcheck_annotate(int annotation, int fd) __attribute__((weak));

static inline void pollcheck_tell(int annotation, int fd)
{
	void (*annotate)(int, int);
	/* Linkers resolve a weak symbol that is missing to 0 for good, unless its address is loaded
	 * from the global offset table, which code that is not position-independent does not use.
	 */
#if defined __x86_64__ && !defined __PIC__
	__asm__(".weak pollcheck_annotate\n\tmovq pollcheck_annotate@GOTPCREL(%%rip), %0"
		: "=r"(annotate));
#elif defined __i386__ && !defined __PIC__
	__asm__(".weak pollcheck_annotate\n\tmovl pollcheck_annotate@GOT, %0" : "=r"(annotate));
#else
	annotate = pollcheck_annotate;
#endif
	if (annotate)
		annotate(annotation, fd);
}

/* No finding about fd, until it is closed: what it does is known and meant. */
static inline void pollcheck_ignore_fd(int fd)
{
	pollcheck_tell(POLLCHECK_IGNORE_FD, fd);
}

/* What fd was reported for has been taken, by a way the library cannot see (a mapped ring,
 * io_uring, another process): the same as a read or write that gave EAGAIN. */
static inline void pollcheck_drained(int fd)
{
	pollcheck_tell(POLLCHECK_DRAINED, fd);
}

/* From now on nothing should come back from epfd without having been served: a level-triggered
 * descriptor that two waits in a row return, with nothing done about it in between, is a finding at
 * once (a warning) and not only when it spins. Not where a thread waits on while another serves. */
static inline void pollcheck_expect_idle(int epfd)
{
	pollcheck_tell(POLLCHECK_EXPECT_IDLE, epfd);
}

/* Ends what pollcheck_expect_idle began; so does closing epfd. */
static inline void pollcheck_idle_over(int epfd)
{
	pollcheck_tell(POLLCHECK_IDLE_OVER, epfd);
}

#ifdef __cplusplus
}
#endif

#endif

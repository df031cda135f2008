/* syscall(2): numbers of the poll family, which are judged, and all sorts of others, which must
 * arrive with their six arguments as if nobody stood between. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef SYS_mmap2
enum { MAP = SYS_mmap2, MAP_UNIT = 4096 };
#else
enum { MAP = SYS_mmap, MAP_UNIT = 1 };
#endif

static int ends[2], set;

#define SHOW(call)                                                                                 \
	do {                                                                                       \
		errno = 0;                                                                         \
		long result = (call);                                                              \
		printf("%s = %ld, errno %d\n", #call, result, errno);                              \
	} while (0)

/* Before the library's constructor: entry.S must not need it. musl runs no such functions. */
static void early(void)
{
	setvbuf(stdout, NULL, _IONBF, 0);
	SHOW(syscall(SYS_getpid) == getpid());
	SHOW(syscall(SYS_close, -1L));
	SHOW(syscall(SYS_splice, -1L, NULL, -1L, NULL, 1L, 0L));
}
__attribute__((section(".preinit_array"), used)) static void (*const first)(void) = early;

static void family(void)
{
	struct epoll_event event = {EPOLLIN, {.u64 = 7}};
	struct pollfd fd = {ends[0], POLLIN, 0};
	struct timespec none = {0, 0};
	fd_set bits;
	FD_ZERO(&bits);
	FD_SET(ends[0], &bits);
	SHOW((set = (int)syscall(SYS_epoll_create1, 0L)) >= 0);
	SHOW(syscall(SYS_epoll_ctl, (long)set, (long)EPOLL_CTL_ADD, (long)ends[0], &event));
	SHOW(syscall(SYS_epoll_pwait, (long)set, &event, 1L, 0L, NULL, 8L));
	SHOW(syscall(SYS_ppoll, &fd, 1L, &none, NULL, 8L));
	SHOW(syscall(SYS_pselect6, (long)ends[0] + 1, &bits, NULL, NULL, &none, NULL));
	SHOW(syscall(SYS_close, (long)set));
}

static void six_arguments(void)
{
	long page = sysconf(_SC_PAGESIZE);
	char name[] = "/tmp/pollcheck-raw-XXXXXX";
	int file = mkstemp(name), into[2];
	unlink(name);
	SHOW(ftruncate(file, 3 * page));
	SHOW(pwrite(file, "third page", 10, 2 * page));
	char *mapped = (char *)syscall(MAP, 0L, page, (long)(PROT_READ | PROT_WRITE),
		(long)MAP_SHARED, (long)file, 2 * page / MAP_UNIT);
	printf("mapped: %.10s\n", mapped);
	SHOW(syscall(SYS_munmap, mapped, page));
	SHOW(pipe(into));
	SHOW(syscall(SYS_splice, (long)ends[0], NULL, (long)into[1], NULL, 1L, 0L));
	SHOW(write(ends[1], "x", 1));
	SHOW(syscall(SYS_futex, &set, 0L /* FUTEX_WAIT */, (long)set + 1, NULL, NULL, 0L));
}

static void strange_numbers(void)
{
	static const long numbers[] = {-1, 511, 512, 100000, 0x7fffffff};
	for (unsigned i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		SHOW(syscall(numbers[i], 1L, 2L, 3L, 4L, 5L, 6L));
}

/* The child returns from syscall on its own: a forwarder written in C would have to be there twice.
 */
static void clones(void)
{
	int status = 0;
	pid_t pid = (pid_t)syscall(SYS_clone, (long)SIGCHLD, 0L, 0L, 0L, 0L);
	if (pid == 0)
		_exit(7);
	SHOW(waitpid(pid, &status, 0) == pid);
	SHOW(WEXITSTATUS(status));
}

int main(void)
{
	setvbuf(stdout, NULL, _IONBF, 0);
	SHOW(pipe(ends));
	SHOW(write(ends[1], "x", 1));
	family();
	six_arguments();
	strange_numbers();
	clones();
	return 0;
}

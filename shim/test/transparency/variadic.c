/* fcntl, ioctl, open and syscall: what follows the fixed arguments arrives as it was given. */
#include "show.h"

#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>

typedef int fcntl_function(int, int, ...);
typedef int open_function(const char *, int, ...);
typedef int openat_function(int, const char *, int, ...);

static int file, ends[2];

static void numbers_by_fcntl(const char *name, fcntl_function *call)
{
	const int commands[][2] = {{F_GETFD, 0}, {F_SETFD, FD_CLOEXEC}, {F_GETFD, 99}, {F_SETFD, 0},
		{F_GETFL, 0}, {F_SETFL, O_NONBLOCK | O_APPEND}, {F_GETFL, -1}, {F_SETFL, 0},
		{F_GETPIPE_SZ, 0}, {F_SETPIPE_SZ, 8192}, {F_SETPIPE_SZ, -1}, {F_GETOWN, 0},
		{F_GETSIG, 0}, {F_SETSIG, 99}, {F_GETLEASE, 0}, {F_NOTIFY, 0}, {12345, 67},
		{-1, 0}};
	const int fds[] = {0, 3, ends[0], CLOSED, -1};
	for (unsigned c = 0; c < COUNT(commands); c++)
		for (unsigned i = 0; i < COUNT(fds); i++)
			SHOW(name, call(fds[i], commands[c][0], commands[c][1]), "%d, %d, %d",
				fds[i], commands[c][0], commands[c][1]);
	SHOW(name, call(0, F_GETFD), "0, F_GETFD alone");
	SHOW(name, call(0, F_GETFL), "0, F_GETFL alone");
	const int lowest[] = {0, 3, 40, 1023, 1024, INT_MAX, -1};
	for (unsigned i = 0; i < COUNT(lowest); i++) {
		SHOW(name, call(0, F_DUPFD, lowest[i]), "F_DUPFD, %d", lowest[i]);
		SHOW(name, call(0, F_DUPFD_CLOEXEC, lowest[i]), "F_DUPFD_CLOEXEC, %d", lowest[i]);
	}
	show_descriptors();
	close_range(6, 1024, 0);
}

static void pointers_by_fcntl(const char *name, fcntl_function *call)
{
	const struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 10};
	SHOW(name, call(file, F_GETLK, place(0, &lock, sizeof lock)), "F_GETLK");
	SHOW(name, call(file, F_SETLK, place(0, &lock, sizeof lock)), "F_SETLK");
	const struct flock beyond = {.l_type = F_RDLCK, .l_whence = SEEK_SET, .l_start = 50};
	SHOW(name, call(file, F_OFD_GETLK, place(0, &beyond, sizeof beyond)), "F_OFD_GETLK");
	SHOW(name, call(file, F_GETOWN_EX, place(0, NULL, 8)), "F_GETOWN_EX");
	EACH_BAD_POINTER(bad)
	{
		SHOW(name, call(file, F_GETLK, bad->pointer), "F_GETLK, %s", bad->name);
		SHOW(name, call(file, F_SETLK, bad->pointer), "F_SETLK, %s", bad->name);
		SHOW(name, call(file, F_GETOWN_EX, bad->pointer), "F_GETOWN_EX, %s", bad->name);
		SHOW(name, call(file, F_GETFD, bad->pointer), "F_GETFD, %s", bad->name);
	}
}

static void by_ioctl(void)
{
	const struct {
		const char *name;
		unsigned long number;
	} requests[] = {{"FIONBIO", FIONBIO}, {"FIONREAD", FIONREAD}, {"FIOASYNC", FIOASYNC},
		{"TCGETS", TCGETS}, {"TIOCGWINSZ", TIOCGWINSZ}, {"nonsense", 0xfedcba98},
		{"wide", 0xffffffff00000000UL | FIONREAD}};
	const int fds[] = {0, ends[0], ends[1], file, CLOSED, -1};
	for (unsigned r = 0; r < COUNT(requests); r++)
		for (unsigned i = 0; i < COUNT(fds); i++) {
			int *value = PLACE(0, (int){1});
			SHOW("ioctl", ioctl(fds[i], requests[r].number, value), "%d, %s", fds[i],
				requests[r].name);
			NOTE_LINE("  status %d\n", fcntl(fds[i], F_GETFL) & O_NONBLOCK);
			SHOW("ioctl", ioctl(fds[i], FIONBIO, PLACE(0, (int){0})), "back");
		}
	SHOW("ioctl", ioctl(ends[0], FIOCLEX), "FIOCLEX");
	SHOW("fcntl", fcntl(ends[0], F_GETFD), "F_GETFD");
	SHOW("ioctl", ioctl(ends[0], FIONCLEX), "FIONCLEX");
	SHOW("fcntl", fcntl(ends[0], F_GETFD), "F_GETFD");
	EACH_BAD_POINTER(bad)
	{
		SHOW("ioctl", ioctl(ends[0], FIONBIO, bad->pointer), "FIONBIO, %s", bad->name);
		SHOW("ioctl", ioctl(ends[0], FIONREAD, bad->pointer), "FIONREAD, %s", bad->name);
	}
}

/* What an open made: its flags and the mode of the file, in which the variadic argument went. */
static void opened(const char *name, int fd, const char *what)
{
	struct stat status = {0};
	int saved = errno;
	fstat(fd, &status);
	errno = saved;
	shown(name, fd, errno, "%s", what);
	NOTE_LINE("  mode %o fd_flags %d status %#x\n", fd < 0 ? 0 : status.st_mode,
		fcntl(fd, F_GETFD), fcntl(fd, F_GETFL));
	if (fd >= 0)
		close(fd);
	unlink("made");
}

#define OPENED(name, call, what) (errno = UNTOUCHED, opened(name, call, what))

static void by_open(const char *name, open_function *call)
{
	OPENED(name, call("made", O_RDWR), "missing");
	OPENED(name, call("made", O_RDWR | O_CREAT, 0640), "0640");
	OPENED(name, call("made", O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 07777), "07777");
	OPENED(name, call("made", O_WRONLY | O_CREAT | O_NONBLOCK, 0), "0");
	OPENED(name, call(".", O_TMPFILE | O_RDWR, 0604), "O_TMPFILE 0604");
	OPENED(name, call(".", O_RDONLY | O_DIRECTORY), "directory");
	OPENED(name, call(".", O_WRONLY), "directory for writing");
	OPENED(name, call("", O_RDONLY), "empty name");
	OPENED(name, call(".", O_PATH), "O_PATH");
	EACH_BAD_POINTER(bad)
	{
		OPENED(name, call(bad->pointer, O_RDONLY), bad->name);
	}
}

static void by_openat(const char *name, openat_function *call)
{
	int here = open(".", O_RDONLY | O_DIRECTORY);
	OPENED(name, call(here, "made", O_RDWR | O_CREAT, 0606), "0606");
	OPENED(name, call(AT_FDCWD, "made", O_RDWR | O_CREAT, 0600), "0600");
	OPENED(name, call(here, ".", O_TMPFILE | O_RDWR, 0660), "O_TMPFILE 0660");
	OPENED(name, call(CLOSED, "made", O_RDWR | O_CREAT, 0600), "closed");
	OPENED(name, call(file, "made", O_RDWR), "not a directory");
	OPENED(name, call(-1, "/dev/null", O_RDWR), "-1, absolute");
	EACH_BAD_POINTER(bad)
	{
		OPENED(name, call(here, bad->pointer, O_RDONLY), bad->name);
	}
	close(here);
}

static void without_mode(void)
{
	int here = open(".", O_RDONLY | O_DIRECTORY);
	OPENED("__open_2", __open_2("/dev/null", O_RDWR), "good");
	OPENED("__open64_2", __open64_2("/dev/null", O_RDWR), "good");
	OPENED("__openat_2", __openat_2(here, ".", O_RDONLY), "good");
	OPENED("__openat64_2", __openat64_2(here, ".", O_RDONLY), "good");
	OPENED("__open_2", __open_2("missing", O_RDWR), "missing");
	OPENED("__open64_2", __open64_2(read_only(), O_RDWR), "empty");
	OPENED("__openat_2", __openat_2(CLOSED, ".", O_RDONLY), "closed");
	OPENED("__openat64_2", __openat64_2(here, NULL, O_RDONLY), "NULL");
	CRASH("__open_2", __open_2("made", O_RDWR | O_CREAT), "O_CREAT");
	CRASH("__open64_2", __open64_2("made", O_RDWR | O_CREAT), "O_CREAT");
	CRASH("__openat_2", __openat_2(here, ".", O_RDWR | O_TMPFILE), "O_TMPFILE");
	CRASH("__openat64_2", __openat64_2(here, "made", O_RDWR | O_CREAT), "O_CREAT");
	OPENED("creat", creat("made", 0644), "0644");
	OPENED("creat64", creat64("made", 0400), "0400");
	OPENED("creat", creat("missing/made", 0644), "missing");
	OPENED("creat64", creat64(no_access(), 0644), "no access");
	close(here);
}

/* Numbers that are none of ours must go through with all six arguments, and fork must return twice.
 */
static void by_syscall(void)
{
	SHOW("syscall", syscall(SYS_getpid) == getpid(), "getpid");
	SHOW("syscall", syscall(SYS_gettid) == gettid(), "gettid");
	SHOW("syscall", syscall(-1), "-1");
	SHOW("syscall", syscall(100000), "100000");
	SHOW("syscall", syscall(LONG_MAX), "LONG_MAX");
	void *wanted = (void *)0x30000000;
	char *mapped = (char *)syscall(
		SYS_mmap, wanted, 4096, PROT_READ, MAP_PRIVATE | MAP_FIXED_NOREPLACE, file, 4096);
	SHOW("syscall", mapped == wanted && mapped[0] == 'B', "mmap of the second page");
	SHOW("syscall", syscall(SYS_pread64, file, place(0, NULL, 4), 4, 4095), "pread64");
	SHOW("syscall", syscall(SYS_openat, AT_FDCWD, "/dev/null", O_RDWR | O_CREAT, 0600),
		"openat");
	pid_t child = syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL);
	if (child == 0)
		_exit(17);
	int status = 0;
	SHOW("syscall", waitpid(child, &status, 0) == child, "clone");
	NOTE_LINE("  child: exit %d\n", WEXITSTATUS(status));
	EACH_BAD_POINTER(bad)
	{
		SHOW("syscall", syscall(SYS_getcwd, bad->pointer, 1), "getcwd %s", bad->name);
		must(lseek(file, 0, SEEK_SET) == 0, "lseek");
		SHOW("syscall", syscall(SYS_read, file, bad->pointer, 1), "read %s", bad->name);
	}
}

int main(void)
{
	umask(0);
	file = memfd_create("file", 0);
	char pages[8192];
	memset(pages, 'A', 4096);
	memset(pages + 4096, 'B', 4096);
	must(write(file, pages, sizeof pages) == sizeof pages && !pipe2(ends, O_NONBLOCK),
		"prepare");
	struct rlimit limit = {1024, 1024};
	must(setrlimit(RLIMIT_NOFILE, &limit) == 0, "setrlimit");
	const struct {
		const char *name;
		fcntl_function *call;
	} fcntls[] = {{"fcntl", fcntl}, {"__fcntl", __fcntl}, {"fcntl64", fcntl64}};
	for (unsigned i = 0; i < COUNT(fcntls); i++) {
		numbers_by_fcntl(fcntls[i].name, fcntls[i].call);
		pointers_by_fcntl(fcntls[i].name, fcntls[i].call);
	}
	by_ioctl();
	by_open("open", open);
	by_open("open64", open64);
	by_open("__open", __open);
	by_open("__open64", __open64);
	by_openat("openat", openat);
	by_openat("openat64", openat64);
	without_mode();
	by_syscall();
	show_descriptors();
	return 0;
}

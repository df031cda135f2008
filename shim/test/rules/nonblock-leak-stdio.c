/* Programs that are given a pipe as standard input: one sets O_NONBLOCK and sets it back, one opens
 * the pipe anew; then one leaves the flag, and one executes another program with it. */
#include "rule.h"

#include <sys/ioctl.h>

static void set(int fd, int on)
{
	int flags = must(fcntl(fd, F_GETFL));
	must(fcntl(fd, F_SETFL, on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK));
}

static void sets_it_back(void)
{
	set(STDIN_FILENO, 1);
	set(STDIN_FILENO, 0);
	set(must(dup(STDOUT_FILENO)), 1); /* a file, where the flag means nothing */
}

static void opens_anew(void)
{
	set(must(open("/proc/self/fd/0", O_RDONLY | O_CLOEXEC)), 1);
}

static void replaces(void)
{
	int ends[2];
	must(pipe2(ends, O_CLOEXEC));
	must(dup2(ends[0], STDIN_FILENO));
	set(STDIN_FILENO, 1);
}

static void leaves(void)
{
	set(STDIN_FILENO, 1);
}

static void leaves_by_ioctl(void)
{
	must(ioctl(STDIN_FILENO, FIONBIO, &(int){1}));
}

/* Of Valgrind's programs, too, the link's text is the program, but who executes the link gets
 * Valgrind's tool. */
static void execute_this(const char *part)
{
	static char path[4096];
	must((int)readlink("/proc/self/exe", path, sizeof(path) - 1));
	setenv("PART", part, 1);
	execl(path, "part", NULL);
}

static void executes(void)
{
	set(STDIN_FILENO, 1);
	execute_this("nothing");
	exit(99);
}

static void nothing(void)
{
}

static const struct {
	const char *name;
	void (*run)(void);
} parts[] = {{"sets_it_back", sets_it_back}, {"opens_anew", opens_anew}, {"replaces", replaces},
	{"leaves", leaves}, {"leaves_by_ioctl", leaves_by_ioctl}, {"executes", executes},
	{"nothing", nothing}};

/* This program again, as one of its parts; before main, which is the frame's. */
__attribute__((constructor)) static void begin(void)
{
	const char *name = getenv("PART");
	for (size_t i = 0; name && i < sizeof(parts) / sizeof(parts[0]); i++)
		if (strcmp(parts[i].name, name) == 0) {
			parts[i].run();
			exit(0);
		}
}

static void start(const char *name)
{
	int status;
	pid_t child = must(fork());
	if (child == 0) {
		execute_this(name);
		_exit(errno == ENOEXEC ? 0
				       : 99); /* an emulator's program is none of this kernel's */
	}
	must(waitpid(child, &status, 0));
	if (status)
		exit(99);
	set(STDIN_FILENO, 0);
}

static void right(void)
{
	int ends[2];
	must(pipe2(ends, O_CLOEXEC));
	must(dup2(ends[0], STDIN_FILENO));
	start("sets_it_back");
	start("opens_anew");
	start("replaces");
}

static void wrong(void)
{
	start("leaves");
	start("leaves_by_ioctl");
	start("executes");
}

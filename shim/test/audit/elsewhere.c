/* elsewhere LIBRARY COUNT: opens this very file, compiled as a library, in COUNT namespaces of
 * dlmopen(3), each with a C library of its own, and has each of them use that: errno, streams,
 * processes, long argument lists. */
#include "hostile/use.h"

#include <dirent.h>
#include <dlfcn.h>
#include <netinet/in.h>

enum { MOST = 10, OURS = 42, THEIRS = 5 };

int elsewhere_work(int number);

static void errno_is_its_own(void)
{
	int ends[2];
	errno = THEIRS;
	must(pipe(ends) == 0 && errno == THEIRS, "success keeps errno");
	must(read(-1, ends, 1) == -1 && errno == EBADF, "read fails with this errno");
	must(fcntl(NEVER_OPEN, F_GETFD) == -1 && errno == EBADF, "fcntl fails with this errno");
	errno = THEIRS;
	must(fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0 && errno == THEIRS, "a variadic call");
	must(read(ends[0], ends, 1) == -1 && errno == EAGAIN, "read would block");
	must(close(ends[0]) == 0 && close(ends[1]) == 0, "close");
}

static void streams_work(void)
{
	char line[16] = "";
	FILE *file = fopen("stream", "w+"), *command = popen("echo piped", "r");
	DIR *folder = opendir(".");
	must(file && fputs("kept\n", file) >= 0 && fflush(file) == 0, "fopen");
	rewind(file);
	must(fgets(line, sizeof(line), file) && strcmp(line, "kept\n") == 0, "fgets");
	must(fclose(file) == 0 && folder && closedir(folder) == 0, "fclose, closedir");
	must(command && fgets(line, sizeof(line), command) && strcmp(line, "piped\n") == 0,
		"popen");
	must(pclose(command) == 0, "pclose");
}

static void processes_work(void)
{
	pid_t child = fork();
	if (child == 0)
		_exit(3);
	must(exit_status(child) == 3, "fork");
	child = vfork();
	if (child == 0)
		execl("/bin/sh", "sh", "-c", "exit 4", NULL);
	must(exit_status(child) == 4, "vfork and execl");
}

/* recvfrom(2) and splice(2) take six arguments, a fortified recvfrom seven. */
static void long_lists_work(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}},
			   from;
	socklen_t length = sizeof(address), from_length = sizeof(from);
	char text[8];
	int fd = socket(AF_INET, SOCK_DGRAM, 0), ends[2];
	must(bind(fd, (void *)&address, length) == 0 &&
			getsockname(fd, (void *)&address, &length) == 0,
		"bind");
	must(sendto(fd, "six", 3, 0, (void *)&address, length) == 3, "sendto");
	must(recvfrom(fd, text, sizeof(text), 0, (void *)&from, &from_length) == 3 &&
			from.sin_port == address.sin_port,
		"recvfrom");
	must(sendto(fd, "seven", 5, 0, (void *)&address, length) == 5, "sendto");
	must(__recvfrom_chk(fd, text, 5, sizeof(text), 0, (void *)&from, &from_length) == 5,
		"__recvfrom_chk");
	must(pipe(ends) == 0 && splice(ends[0], NULL, fd, NULL, 1, SPLICE_F_NONBLOCK) == -1 &&
			errno == EAGAIN,
		"splice");
	must(syscall(SYS_getpid) == getpid(), "syscall");
	must(close(ends[0]) == 0 && close(ends[1]) == 0 && close(fd) == 0, "close");
}

int elsewhere_work(int number)
{
	errno_is_its_own();
	streams_work();
	processes_work();
	long_lists_work();
	must(used() && misused(), "use and misuse");
	errno = THEIRS + number;
	return errno;
}

int main(int count, char **arguments)
{
	int opened = count == 3 ? atoi(arguments[2]) : 0;
	must(opened > 0 && opened <= MOST, "usage: elsewhere LIBRARY COUNT");
	for (int i = 0; i < opened; i++) {
		void *library = dlmopen(LM_ID_NEWLM, arguments[1], RTLD_NOW);
		int (*work)(int) = library ? (int (*)(int))dlsym(library, "elsewhere_work") : NULL;
		must(work != NULL, "dlmopen");
		errno = OURS;
		must(work(i) == THEIRS + i && errno == OURS, "errno of the base namespace");
		dprintf(1, "namespace %d done\n", i);
	}
	return 0;
}

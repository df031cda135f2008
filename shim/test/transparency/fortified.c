/* What -D_FORTIFY_SOURCE=3 turns into _chk calls: inside and beyond the size the compiler knew. */
#undef _FORTIFY_SOURCE
#define _FORTIFY_SOURCE 3
#include "show.h"

static int ready[2], pair[2];

/* The compiler must not know the number, else it checks by itself and calls the plain function. */
static unsigned hidden(unsigned number)
{
	volatile unsigned known = number;
	return known;
}

static void refill(void)
{
	char rest[64];
	while (read(ready[0], rest, hidden(64)) > 0)
		;
	while (recv(pair[0], rest, hidden(64), MSG_DONTWAIT) > 0)
		;
	must(write(ready[1], "0123456789", 10) == 10, "write");
	must(write(pair[1], "0123456789", 10) == 10, "write");
}

static void polls(unsigned number)
{
	struct pollfd fds[3] = {{ready[0], POLLIN, 0}, {ready[1], POLLOUT, 0}, {CLOSED, POLLIN, 0}};
	struct timespec zero = {0, 0};
	CRASH("__poll_chk", poll(fds, hidden(number), 0), "%u of 3", number);
	CRASH("__ppoll_chk", ppoll(fds, hidden(number), &zero, NULL), "%u of 3", number);
	struct pollfd *made = calloc(3, sizeof *made);
	CRASH("__poll_chk", poll(made, hidden(number), 0), "%u of 3 allocated", number);
	free(made);
}

static void reads(unsigned number)
{
	char buffer[8];
	refill();
	CRASH("__read_chk", read(ready[0], buffer, hidden(number)), "%u of 8", number);
	CRASH("__recv_chk", recv(pair[0], buffer, hidden(number), 0), "%u of 8", number);
	refill();
	CRASH("__recvfrom_chk", recvfrom(pair[0], buffer, hidden(number), 0, NULL, NULL), "%u of 8",
		number);
}

static int select_one(int fd)
{
	fd_set set;
	struct timeval zero = {0, 0};
	FD_ZERO(&set);
	FD_SET(fd, &set);
	return select(ready[0] + 1, &set, NULL, NULL, &zero) + 10 * !!FD_ISSET(fd, &set);
}

static void opens(unsigned flags)
{
	CRASH("__open_2", open("/dev/null", hidden(flags)) >= 0, "%#x", flags);
	CRASH("__open64_2", open64("/dev/null", hidden(flags)) >= 0, "%#x", flags);
	CRASH("__openat_2", openat(AT_FDCWD, "/dev/null", hidden(flags)) >= 0, "%#x", flags);
	CRASH("__openat64_2", openat64(AT_FDCWD, "/dev/null", hidden(flags)) >= 0, "%#x", flags);
}

int main(void)
{
	must(!pipe2(ready, O_NONBLOCK), "pipe2");
	must(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), "socketpair");
	refill();
	for (unsigned number = 0; number < 6; number++)
		polls(number);
	for (unsigned number = 6; number < 10; number++)
		reads(number);
	const int fds[] = {0, ready[0], 63, 64, 1023, 1024, -1};
	for (unsigned i = 0; i < COUNT(fds); i++)
		CRASH("__fdelt_chk", select_one(hidden(fds[i])), "%d", fds[i]);
	opens(O_RDONLY);
	opens(O_RDWR | O_CREAT);
	show_descriptors();
	return 0;
}

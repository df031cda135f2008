/* Waits for its own pipe argv[1] times; half-way, until standard input has ended. */
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	int ends[2], rounds = argc > 1 ? atoi(argv[1]) : 1, epfd = epoll_create1(0);
	struct epoll_event event = {.events = EPOLLIN};
	char byte = 'x';
	if (pipe(ends) < 0 || epoll_ctl(epfd, EPOLL_CTL_ADD, ends[0], &event) < 0)
		return 1;
	for (int i = 0; i < rounds; i++) {
		if (write(ends[1], &byte, 1) != 1 || epoll_wait(epfd, &event, 1, -1) != 1 ||
			read(ends[0], &byte, 1) != 1)
			return 1;
		while (i == rounds / 2 && read(STDIN_FILENO, &byte, 1) > 0)
			;
	}
	return 0;
}

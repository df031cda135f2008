/* level: note. As redis does it: maxevents is the size of a table for all descriptors there might
 * be; errors and hang-ups count as both directions; the result of EPOLL_CTL_DEL is not looked at;
 * the time to the next timer is rounded up to a millisecond. */
#include "clean.h"

enum { SIZE = 10128 };

static struct epoll_event events[SIZE];

static void next_timer(int epfd)
{
	double deadline = now() + 0.0123;
	for (double left; (left = deadline - now()) > 0;)
		must(epoll_wait(epfd, events, SIZE, (int)(left * 1000) + 1));
}

static void errors_are_both_directions(int epfd)
{
	struct sockaddr_in address;
	struct linger abort_it = {1, 0};
	int listener = nonblocking_listener(&address),
	    client = must(socket(AF_INET, SOCK_STREAM, 0));
	char text[8];
	must(connect(client, (struct sockaddr *)&address, sizeof(address)));
	int fd = must(accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC));
	must(add(epfd, fd, EPOLLIN));
	must(setsockopt(client, SOL_SOCKET, SO_LINGER, &abort_it, sizeof(abort_it)));
	close(client);
	if (must(epoll_wait(epfd, events, SIZE, 1000)) != 1 || !(events[0].events & EPOLLERR))
		exit(99);
	if (read(fd, text, sizeof(text)) >= 0 || errno != ECONNRESET)
		exit(99);
	epoll_ctl(epfd, EPOLL_CTL_DEL, fd, events);
	close(fd);
	close(listener);
}

int main(void)
{
	int epfd = must(epoll_create(1024));
	must(fcntl(epfd, F_SETFD, FD_CLOEXEC));
	for (int i = 0; i < 10; i++)
		next_timer(epfd);
	for (int i = 0; i < 20; i++)
		errors_are_both_directions(epfd);
	close(epfd);
	return 0;
}

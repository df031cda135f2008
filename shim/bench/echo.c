/* echo PORT: the simplest server there is, one epoll_wait for what is ready and one read and one
 * write for each. */
#include "alternate.h"
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

static int epfd;

static void watch(int fd)
{
	struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
	must(epoll_ctl(epfd, EPOLL_CTL_ADD, fd, &event) == 0, "epoll_ctl");
}

static int listener_on(int port)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr = {htonl(INADDR_LOOPBACK)}};
	int again = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	must(fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &again, sizeof again) == 0,
		"socket");
	must(bind(fd, (void *)&address, sizeof address) == 0 && listen(fd, 128) == 0, "listen");
	return fd;
}

static void accept_one(int listener)
{
	int at_once = 1, fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	must(fd >= 0 && setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof at_once) == 0,
		"accept4");
	watch(fd);
}

static void answer(int fd)
{
	char text[4096];
	ssize_t got = read(fd, text, sizeof text);
	if (got <= 0)
		close(fd);
	else
		must(write(fd, text, (size_t)got) == got, "write");
}

int main(int argc, char **argv)
{
	struct epoll_event events[64];
	int listener = listener_on(argc == 2 ? atoi(argv[1]) : 0);
	must((epfd = epoll_create1(EPOLL_CLOEXEC)) >= 0, "epoll_create1");
	watch(listener);
	for (;;) {
		int ready = epoll_wait(epfd, events, 64, -1);
		for (int i = 0; i < ready; i++)
			events[i].data.fd == listener ? accept_one(listener)
						      : answer(events[i].data.fd);
	}
}

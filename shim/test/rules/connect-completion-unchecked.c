/* After connect in progress SO_ERROR is read, or getpeername or a second connect tells, or the
 * server speaks first; then writability is taken for success. */
#include "stall.h"

static struct sockaddr_in address;
static struct epoll_event event;

static int listening(void)
{
	socklen_t length = sizeof(address);
	int fd = must(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
	address = (struct sockaddr_in){
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	must(bind(fd, (struct sockaddr *)&address, length));
	must(listen(fd, 8));
	must(getsockname(fd, (struct sockaddr *)&address, &length));
	return fd;
}

static int connecting(void)
{
	int fd = must(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
	int result = connect(fd, (struct sockaddr *)&address, sizeof(address));
	must(result == 0 || errno == EINPROGRESS ? 0 : -1);
	return fd;
}

static void wait_for(int epfd, int fd, unsigned events)
{
	must(add(epfd, fd, events));
	must(epoll_wait(epfd, &event, 1, -1) - 1);
}

static void asked(int fd, int way)
{
	struct sockaddr_in peer;
	char byte;
	int error = 0;
	socklen_t size = sizeof(error), length = sizeof(peer);
	if (way == 0)
		must(getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size));
	else if (way == 1)
		must(getpeername(fd, (struct sockaddr *)&peer, &length));
	else if (way == 2)
		must(connect(fd, (struct sockaddr *)&address, sizeof(address)));
	else
		must((int)read(fd, &byte, 1));
}

static void right(void)
{
	int epfd = instance(), listener = listening(), poll_only = -1;
	for (int way = 0; way < 4; way++) {
		int fd = connecting(), peer = must(accept(listener, NULL, NULL));
		must((int)write(peer, "hello", 5));
		wait_for(epfd, fd, EPOLLIN | EPOLLOUT | (way % 2 ? EPOLLET : 0));
		asked(fd, way);
		must((int)write(fd, "x", 1));
		must(close(fd) | close(peer));
	}
	/* written to before any wait told of it */
	poll_only = connecting();
	must((int)write(poll_only, "x", 1));
	close_all((int[]){poll_only, listener, epfd}, 3);
}

/* It was made: to go on without asking is worth a note, and no more. */
static void made_and_reset(int epfd, int listener)
{
	struct linger at_once = {1, 0};
	close(must(accept(listener, NULL, NULL))); /* the one before */
	int fd = connecting(), peer = must(accept(listener, NULL, NULL));
	must(setsockopt(peer, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once)));
	must(close(peer));
	wait_for(epfd, fd, EPOLLIN);
	if (send(fd, "x", 1, MSG_NOSIGNAL) >= 0 || errno != ECONNRESET)
		must(-1);
	must(close(fd));
}

static void wrong(void)
{
	int epfd = instance(), listener = listening(), fd = connecting();
	struct pollfd p = {.fd = fd, .events = POLLOUT};
	must(poll(&p, 1, -1));
	must((int)write(fd, "x", 1));
	made_and_reset(epfd, listener);
	close_all((int[]){fd, listener}, 2);
	/* nobody listens there any more */
	fd = connecting();
	wait_for(epfd, fd, EPOLLOUT);
	if (send(fd, "x", 1, MSG_NOSIGNAL) >= 0)
		must(-1);
	close_all((int[]){fd, epfd}, 2);
}

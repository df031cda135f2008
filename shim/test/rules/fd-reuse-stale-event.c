/* A number that was reused is added again, and events of its earlier file are struck out; then it
 * is modified, and read, as if it were still the old file. */
#include "rule.h"

static int reused(int epfd)
{
	int fd = must(eventfd(1, EFD_CLOEXEC));
	must(add(epfd, fd, EPOLLIN));
	close(fd);
	int again = must(eventfd(1, EFD_CLOEXEC));
	if (again != fd)
		exit(99);
	return again;
}

/* Two descriptors with an event each in one batch; what is done with the first closes the second.
 */
struct batch {
	int epfd, first, second;
	unsigned flags;
	struct epoll_event events[2];
};

static void begin(struct batch *b)
{
	b->epfd = instance();
	b->first = must(eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK));
	b->second = must(eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK));
	must(add(b->epfd, b->first, EPOLLIN | b->flags));
	must(add(b->epfd, b->second, EPOLLIN | b->flags));
	if (epoll_wait(b->epfd, b->events, 2, -1) != 2)
		exit(99);
}

static void end(struct batch *b)
{
	close(b->first);
	close(b->second);
	close(b->epfd);
}

static int taken(int fd)
{
	uint64_t count;
	return (int)read(fd, &count, sizeof(count));
}

static void reopen(int *fd, int made)
{
	if (made != *fd)
		exit(99);
	must(made);
}

/* The entry of the second is skipped: its datum is known to be old. */
static void skipped(void)
{
	struct batch b = {0};
	begin(&b);
	must(taken(b.first));
	close(b.second);
	reopen(&b.second, eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
	must(add(b.epfd, b.second, EPOLLIN));
	epoll_wait(b.epfd, b.events, 2, 0);
	taken(b.second); /* an empty read in a later batch */
	end(&b);
}

/* Each serves itself: the second's own turn ends with its close, then something new is made. */
static void in_turn(void)
{
	struct batch b = {0};
	begin(&b);
	must(taken(b.first));
	must(taken(b.second));
	close(b.second);
	reopen(&b.second, eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
	taken(b.second);
	end(&b);
}

/* A file may be read as soon as it is open, and a new object once something was put into it. */
static void made_and_used(void)
{
	char text[8];
	struct batch b = {0};
	begin(&b);
	close(b.second);
	reopen(&b.second, open("/dev/null", O_RDONLY | O_CLOEXEC));
	must((int)read(b.second, text, sizeof(text)));
	end(&b);
	begin(&b);
	close(b.second);
	reopen(&b.second, eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
	must((int)write(b.second, &(uint64_t){1}, sizeof(uint64_t)));
	must(taken(b.second));
	taken(b.second);
	end(&b);
}

static int listening(struct sockaddr_in *address)
{
	socklen_t length = sizeof(*address);
	int listener = must(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
	must(bind(listener, (struct sockaddr *)address, length));
	must(listen(listener, 16));
	must(getsockname(listener, (struct sockaddr *)address, &length));
	return listener;
}

/* Connections are read at once when they were accepted, this one in the place of a closed one too.
 */
static void hopeful(void)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int listener = listening(&address);
	for (int i = 0; i < 3; i++) {
		char text[8];
		struct batch b = {0};
		int client = must(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), other;
		must(connect(client, (struct sockaddr *)&address, sizeof(address)));
		begin(&b);
		if (i)
			close(b.second);
		other = must(accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK));
		if (recv(other, text, sizeof(text), 0) >= 0)
			exit(99);
		end(&b);
		if (!i)
			close(other);
		close(client);
	}
	close(listener);
}

static void right(void)
{
	struct epoll_event event;
	int epfd = instance(), fd = reused(epfd);
	if (modify(epfd, fd, EPOLLIN) < 0 && errno == ENOENT)
		must(add(epfd, fd, EPOLLIN));
	must(epoll_wait(epfd, &event, 1, -1));
	close(fd);
	close(epfd);
	skipped();
	in_turn();
	made_and_used();
	pid_t child = must(fork());
	if (child == 0)
		hopeful();
	if (child == 0)
		_exit(0);
	must(waitpid(child, NULL, 0));
}

static void modified(void)
{
	struct epoll_event event;
	int epfd = instance(), fd = reused(epfd);
	modify(epfd, fd, EPOLLIN);
	must(epoll_wait(epfd, &event, 1, 1));
	close(fd);
	close(epfd);
}

/* A datagram socket that gets nothing. */
static int silent(void)
{
	return must(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
}

/* The second event is served by its number alone, whoever has that now. */
static void applied_to_a_stranger(unsigned flags)
{
	struct batch b = {.flags = flags};
	begin(&b);
	must(taken(b.events[0].data.fd));
	close(b.second);
	reopen(&b.second, silent());
	must(add(b.epfd, b.second, EPOLLIN));
	if (flags)
		recv(b.events[1].data.fd, &b, sizeof(b), 0);
	else
		taken(b.events[1].data.fd);
	end(&b);
}

/* A new connection gets the number; the server was never seen to read one before its first event.
 */
static void applied_to_a_connection(void)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int listener = listening(&address);
	for (int i = 0; i < 10; i++) {
		struct batch b = {0};
		int client = must(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
		must(connect(client, (struct sockaddr *)&address, sizeof(address)));
		begin(&b);
		must(taken(b.events[0].data.fd));
		close(b.second);
		reopen(&b.second, accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK));
		if (i == 9)
			recv(b.events[1].data.fd, &address, sizeof(address), 0);
		end(&b);
		close(client);
	}
	close(listener);
}

static void wrong(void)
{
	modified();
	applied_to_a_stranger(0);
	applied_to_a_stranger(EPOLLET);
	applied_to_a_connection();
}

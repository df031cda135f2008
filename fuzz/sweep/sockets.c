/* Makers of sockets; all of them on the loopback interface. */
#include "states.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static void settle(int fd, short events)
{
	struct pollfd asked = {fd, events, 0};
	poll(&asked, 1, 1000);
}

static void set(int fd, int level, int option, int value)
{
	setsockopt(fd, level, option, &value, sizeof(value));
}

static void send_from(int fd, int flags)
{
	if (send(fd, "x", 1, flags | MSG_NOSIGNAL) < 0)
		return;
}

static void reset(int fd)
{
	struct linger at_once = {1, 0};
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	close(fd);
}

static int read_error(int fd, unsigned how)
{
	int error;
	socklen_t size = sizeof(error);
	if (how & ERROR_READ)
		getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
	return fd;
}

/* What enum deed says, in its order. */
static int treated(int ours, int theirs, unsigned how)
{
	if (how & BUSY_POLL)
		set(ours, SOL_SOCKET, SO_BUSY_POLL, 1);
	if (how & UNREAD)
		send_from(ours, 0);
	if (how & DATA)
		send_from(theirs, 0);
	if (how & FULL)
		filled(ours);
	if (how & URGENT)
		send_from(theirs, MSG_OOB);
	if (how & PEER_SHUT)
		shutdown(theirs, SHUT_WR);
	if (how & OWN_SHUT)
		shutdown(ours, SHUT_WR);
	if (how & OWN_DEAF)
		shutdown(ours, SHUT_RD);
	if (how & PEER_CLOSED)
		close(theirs);
	if (how & PEER_RESET) {
		reset(theirs);
		settle(ours, POLLRDHUP);
	}
	return read_error(ours, how);
}

static int unix_type(unsigned how)
{
	return how & DATAGRAM ? SOCK_DGRAM : how & PACKETS ? SOCK_SEQPACKET : SOCK_STREAM;
}

int unix_pair(unsigned how)
{
	int pair[2];
	return socketpair(AF_UNIX, unix_type(how), 0, pair) ? -1 : treated(pair[0], pair[1], how);
}

int unix_alone(unsigned how)
{
	return socket(AF_UNIX, unix_type(how), 0);
}

int unix_listener(unsigned how)
{
	/* a name the kernel chooses (unix(7), autobind) */
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	socklen_t size = sizeof(sa_family_t);
	int fd = unix_alone(0);
	if (bind(fd, (void *)&address, size) || listen(fd, 8))
		return -1;
	size = sizeof(address);
	getsockname(fd, (void *)&address, &size);
	if (how & DATA)
		connect(unix_alone(0), (void *)&address, size);
	return fd;
}

/* --- over IPv4 --- */

static int bound(int type, struct sockaddr_in *address)
{
	socklen_t size = sizeof(*address);
	int fd = socket(AF_INET, type, 0);
	*address =
		(struct sockaddr_in){.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	if (bind(fd, (void *)address, size))
		return -1;
	getsockname(fd, (void *)address, &size);
	return fd;
}

static int connected(int type, const struct sockaddr_in *address, int flags)
{
	int fd = socket(AF_INET, type | flags, 0);
	if (connect(fd, (const void *)address, sizeof(*address)) && errno != EINPROGRESS)
		return -1;
	return fd;
}

int tcp_fresh(unsigned how)
{
	(void)how;
	return socket(AF_INET, SOCK_STREAM, 0);
}

static int listening(struct sockaddr_in *address, int backlog)
{
	int fd = bound(SOCK_STREAM, address);
	return fd < 0 || listen(fd, backlog) ? -1 : fd;
}

int tcp_listener(unsigned how)
{
	struct sockaddr_in address;
	int fd = listening(&address, 8);
	if (how & DATA)
		connected(SOCK_STREAM, &address, 0);
	return fd;
}

int tcp_pair(unsigned how)
{
	struct sockaddr_in address;
	int listener = listening(&address, 8);
	int ours = connected(SOCK_STREAM, &address, 0), theirs = accept(listener, NULL, NULL);
	if (theirs < 0)
		return -1;
	set(theirs, IPPROTO_TCP, TCP_NODELAY, 1);
	return treated(ours, theirs, how);
}

/* The listener's queue of one is full, so it drops the next SYN. */
int tcp_connecting(unsigned how)
{
	struct sockaddr_in address;
	int listener = listening(&address, 0);
	(void)how;
	if (connected(SOCK_STREAM, &address, 0) < 0)
		return -1;
	settle(listener, POLLIN);
	return connected(SOCK_STREAM, &address, SOCK_NONBLOCK);
}

int tcp_refused(unsigned how)
{
	struct sockaddr_in address;
	if (bound(SOCK_STREAM, &address) < 0) /* nobody listens there, nor can */
		return -1;
	int fd = connected(SOCK_STREAM, &address, SOCK_NONBLOCK);
	settle(fd, POLLERR);
	return read_error(fd, how);
}

int udp(unsigned how)
{
	struct sockaddr_in here, there;
	int ours = bound(SOCK_DGRAM, &here), theirs = bound(SOCK_DGRAM, &there);
	connect(ours, (void *)&there, sizeof(there));
	connect(theirs, (void *)&here, sizeof(here));
	return treated(ours, theirs, how);
}

int udp_refused(unsigned how)
{
	struct sockaddr_in vanishing;
	int gone = bound(SOCK_DGRAM, &vanishing), fd;
	close(gone);
	fd = connected(SOCK_DGRAM, &vanishing, 0);
	if (how & EXTRA)
		set(fd, IPPROTO_IP, IP_RECVERR, 1);
	send_from(fd, 0);
	settle(fd, POLLERR);
	return fd;
}

int netlink(unsigned how)
{
	(void)how;
	return socket(AF_NETLINK, SOCK_RAW, 0);
}

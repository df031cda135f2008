/* The ICMP answer to a datagram is taken from the error queue; then left there. */
#include "rule.h"

static int refused(void)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof(address);
	int one = 1, closed = must(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
	must(bind(closed, (struct sockaddr *)&address, length));
	must(getsockname(closed, (struct sockaddr *)&address, &length));
	must(close(closed));
	int fd = must(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
	must(setsockopt(fd, IPPROTO_IP, IP_RECVERR, &one, sizeof(one)));
	must(connect(fd, (struct sockaddr *)&address, length));
	must((int)send(fd, "x", 1, 0));
	return fd;
}

static void right(void)
{
	char bytes[64], control[512];
	struct iovec data = {bytes, sizeof(bytes)};
	struct msghdr message = {.msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control)};
	struct pollfd p = {.fd = refused(), .events = POLLIN};
	must(poll(&p, 1, -1));
	must((int)recvmsg(p.fd, &message, MSG_ERRQUEUE));
	close(p.fd);
}

static void wrong(void)
{
	struct pollfd p = {.fd = refused(), .events = POLLIN};
	char byte;
	double since = now();
	must(poll(&p, 1, -1));
	recv(p.fd, &byte, 1, 0); /* reports the error once; the queue stays full */
	for (int i = 0; spinning(since, i); i++) {
		must(poll(&p, 1, -1));
		recv(p.fd, &byte, 1, 0);
	}
	close(p.fd);
}

/* load PORT CLIENTS REQUESTS REQUEST END: sends REQUEST on each of CLIENTS connections, again as
 * soon as the answer's END came, REQUESTS times in all. Prints requests a second and the 99th
 * percentile of the latency in ms. */
#include "alternate.h"
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MOST_CLIENTS = 256, ANSWER = 4096 };

static struct client {
	int fd;
	int64_t sent;
	size_t got;
	char answer[ANSWER];
} clients[MOST_CLIENTS];

static const char *request, *end;
static int64_t *latencies;
static long started, ended, wanted;

static void send_next(struct client *c)
{
	size_t length = strlen(request);
	if (started++ >= wanted)
		return;
	c->got = 0;
	c->sent = now();
	must(send(c->fd, request, length, MSG_NOSIGNAL) == (ssize_t)length, "send");
}

static bool is_whole(const struct client *c)
{
	size_t length = strlen(end);
	return c->got >= length && memcmp(c->answer + c->got - length, end, length) == 0;
}

static void receive(struct client *c)
{
	ssize_t got = recv(c->fd, c->answer + c->got, ANSWER - c->got, 0);
	must(got > 0, "recv");
	c->got += (size_t)got;
	if (!is_whole(c))
		return;
	latencies[ended++] = now() - c->sent;
	send_next(c);
}

static void connect_all(int epfd, int port, int count)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr = {htonl(INADDR_LOOPBACK)}};
	for (struct client *c = clients; c < clients + count; c++) {
		struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
		int at_once = 1;
		must((c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) >= 0, "socket");
		must(connect(c->fd, (void *)&address, sizeof address) == 0, "connect");
		must(setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof at_once) == 0,
			"TCP_NODELAY");
		must(epoll_ctl(epfd, EPOLL_CTL_ADD, c->fd, &event) == 0, "epoll_ctl");
	}
}

static int ascending(const void *a, const void *b)
{
	int64_t first = *(const int64_t *)a, second = *(const int64_t *)b;
	return (first > second) - (first < second);
}

int main(int argc, char **argv)
{
	struct epoll_event events[MOST_CLIENTS];
	int count = argc == 6 ? atoi(argv[2]) : 0, epfd = epoll_create1(EPOLL_CLOEXEC);
	if (count < 1 || count > MOST_CLIENTS || (wanted = atol(argv[3])) < count) {
		fputs("usage: load PORT CLIENTS REQUESTS REQUEST END\n", stderr);
		return 2;
	}
	request = argv[4];
	end = argv[5];
	must((latencies = calloc((size_t)wanted, sizeof *latencies)) != NULL, "memory");
	connect_all(epfd, atoi(argv[1]), count);
	int64_t begun = now();
	for (int i = 0; i < count; i++)
		send_next(&clients[i]);
	while (ended < wanted) {
		int ready = epoll_wait(epfd, events, MOST_CLIENTS, -1);
		for (int i = 0; i < ready; i++)
			receive(events[i].data.ptr);
	}
	double seconds = (now() - begun) / 1e9;
	qsort(latencies, (size_t)wanted, sizeof *latencies, ascending);
	printf("rate %.1f p99 %.4f\n", wanted / seconds, latencies[wanted * 99 / 100] / 1e6);
	return 0;
}

/* What comes and goes, and what is set. */
#include "rules.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/time.h>

int fds[SLOTS];
static struct rlimit usual_limit;

int pollcheck_setrlimit(int, const struct rlimit *); /* see fuzz.mk */

static void put(int number, int fd)
{
	if (fd < 0)
		return;
	if (fds[slot((unsigned)number)] >= 0)
		close(fds[slot((unsigned)number)]);
	fds[slot((unsigned)number)] = fd;
}

static int listener(int flags)
{
	struct sockaddr_in here = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | flags, 0);
	if (bind(fd, (struct sockaddr *)&here, sizeof(here)) == 0)
		listen(fd, 4);
	return fd;
}

/* To what listens in the slot before, or to a port where nobody does. */
static int connected(int to, int flags)
{
	struct sockaddr_in there = {.sin_family = AF_INET,
		.sin_port = htons(1),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof(there);
	int fd = socket(AF_INET, SOCK_STREAM | flags, 0);
	getsockname(to, (struct sockaddr *)&there, &size);
	connect(fd, (struct sockaddr *)&there, sizeof(there));
	return fd;
}

static void make_pair(const struct step *s, int type)
{
	int pair[2] = {-1, -1}, flags = s->c ? SOCK_NONBLOCK : 0;
	if (type)
		socketpair(AF_UNIX, type | flags, 0, pair);
	else
		pipe2(pair, flags);
	put(s->a, pair[0]);
	put(s->a + 1, pair[1]);
}

static int timer(int flags)
{
	struct itimerspec soon = {.it_value = {0, 1}, .it_interval = {0, 1000000}};
	int fd = timerfd_create(CLOCK_MONOTONIC, flags);
	timerfd_settime(fd, 0, &soon, NULL);
	return fd;
}

void take_make(const struct step *s)
{
	int flags = s->c ? O_NONBLOCK : 0;
	switch (s->b % 12) {
	case 0:
		make_pair(s, 0);
		break;
	case 1:
		make_pair(s, SOCK_STREAM);
		break;
	case 2:
		make_pair(s, SOCK_DGRAM);
		break;
	case 3:
		put(s->a, eventfd(s->c >> 1, flags));
		break;
	case 4:
		put(s->a, timer(flags));
		break;
	case 5:
		put(s->a, epoll_create1(s->c ? EPOLL_CLOEXEC : 0));
		break;
	case 6:
		put(s->a, listener(flags));
		break;
	case 7:
		put(s->a, connected(fds[slot(s->a - 1u)], flags));
		break;
	case 8:
		put(s->a, open("/proc/self/exe", O_RDONLY | flags));
		break;
	case 9:
		put(s->a, open("/", O_RDONLY | O_DIRECTORY));
		break;
	case 10:
		put(s->a, open("/dev/zero", O_RDWR | flags));
		break;
	default:
		put(s->a, socket(AF_INET, SOCK_DGRAM | flags, 0));
	}
}

void take_close(const struct step *s)
{
	int fd = fds[slot(s->a)];
	if (fd >= 0)
		close(fd);
	if (s->b % 2 == 0) /* else the number is used on, as programs do that err */
		fds[slot(s->a)] = -1;
}

void take_accept(const struct step *s)
{
	int fd = fds[slot(s->a)];
	if (fcntl(fd, F_GETFL) & O_NONBLOCK || (s->c & 2 && is_ready(fd, POLLIN)))
		put(s->b, accept4(fd, NULL, NULL, s->c & 1 ? SOCK_NONBLOCK : 0));
}

void take_dup(const struct step *s)
{
	put(s->b, dup(fds[slot(s->a)]));
}

void take_shutdown(const struct step *s)
{
	shutdown(fds[slot(s->a)], s->b % 3);
}

/* Of a slot, or of standard input, which was there before. */
void take_flags(const struct step *s)
{
	fcntl(s->c ? STDIN_FILENO : fds[slot(s->a)], F_SETFL, s->b % 2 ? O_NONBLOCK : 0);
}

void take_option(const struct step *s)
{
	int value = 0, fd = fds[slot(s->a)];
	socklen_t size = sizeof(value);
	struct timeval soon = {0, 1000};
	struct linger reset = {1, 0};
	switch (s->b % 4) {
	case 0:
		getsockopt(fd, SOL_SOCKET, SO_ERROR, &value, &size);
		break;
	case 1:
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &soon, sizeof(soon));
		break;
	case 2:
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
		break;
	default:
		ioctl(fd, FIONREAD, &value);
	}
}

void take_limit(const struct step *s)
{
	struct rlimit fewer = {s->a, usual_limit.rlim_max};
	pollcheck_setrlimit(RLIMIT_NOFILE, s->a ? &fewer : &usual_limit);
}

void descriptors_begin(void)
{
	memset(fds, -1, sizeof(fds));
	if (!usual_limit.rlim_max)
		getrlimit(RLIMIT_NOFILE, &usual_limit);
}

void lift_limit(void)
{
	setrlimit(RLIMIT_NOFILE, &usual_limit);
}

void descriptors_end(void)
{
	lift_limit();
	for (int i = 0; i < SLOTS; i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

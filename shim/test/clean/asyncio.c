/* level: note. As CPython's asyncio does it: maxevents is the number registered, at the least 1; a
 * socketpair wakes the loop from signal handlers; after EINTR the time left is computed anew; with
 * no descriptor left for accept the listener is taken off the list for a time and then put back. */
#include "clean.h"

#include <signal.h>
#include <sys/time.h>

enum { EARLY = 6 };

static int epfd, registered, wake[2];

static void on_signal(int number)
{
	int kept = errno;
	char byte = (char)number;
	if (write(wake[1], &byte, 1) < 0 && errno != EAGAIN)
		_exit(99);
	errno = kept;
}

static int selected(struct epoll_event *events, double timeout)
{
	double deadline = now() + timeout;
	for (;;) {
		double left = deadline - now();
		int ms = left > 0 ? (int)(left * 1000 + 0.999) : 0;
		int n = epoll_wait(epfd, events, registered > 1 ? registered : 1, ms);
		if (n >= 0 || errno != EINTR)
			return must(n);
	}
}

static void watch(int fd)
{
	must(add(epfd, fd, EPOLLIN));
	registered++;
}

static void forget(int fd)
{
	must(epoll_ctl(epfd, EPOLL_CTL_DEL, fd, NULL));
	registered--;
}

static void signals_wake_the_loop(void)
{
	struct epoll_event events[8];
	struct sigaction action = {.sa_handler = on_signal};
	struct itimerval every = {{0, 3000}, {0, 3000}}, off = {{0, 0}, {0, 0}};
	char bytes[64];
	must(sigaction(SIGALRM, &action, NULL));
	must(setitimer(ITIMER_REAL, &every, NULL));
	for (double since = now(); now() - since < 0.15;)
		if (selected(events, 0.02) > 0 && events[0].data.fd == wake[0])
			while (read(wake[0], bytes, sizeof(bytes)) > 0)
				;
	must(setitimer(ITIMER_REAL, &off, NULL));
}

static void no_descriptor_for_a_while(void)
{
	struct epoll_event events[8];
	struct sockaddr_in address;
	char text[16];
	int listener = nonblocking_listener(&address), accepted = 0, put_aside = 0;
	wait_for(clients(&address, EARLY, 0));
	limit_descriptors((unsigned)listener + 2);
	watch(listener);
	while (accepted < EARLY) {
		selected(events, 1);
		int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		int second = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (second < 0 && errno == EMFILE) {
			put_aside++;
			forget(listener);
			selected(events, 0.01);
			watch(listener);
		}
		while (read(fd, text, sizeof(text)) > 0)
			;
		close(fd);
		accepted++;
	}
	if (!put_aside)
		exit(99);
}

int main(void)
{
	struct epoll_event events[8];
	epfd = instance();
	must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, wake));
	selected(events, 0.002);
	watch(wake[0]);
	signals_wake_the_loop();
	no_descriptor_for_a_while();
	return 0;
}

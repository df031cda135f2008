/* A resized terminal interrupts the wait: first it is waited again, then the program gives up. */
#include "signalled.h"

/* Ended by a flag: here another signal might have meant the loop to end. */
static void wait_again(int epfd)
{
	struct epoll_event event;
	for (int times = 0; times < 3; times++)
		if (epoll_wait(epfd, &event, 1, -1) >= 0 || errno != EINTR)
			exit(99);
	must(epoll_wait(epfd, &event, 1, 0));
}

static void end_when_told(int epfd)
{
	struct epoll_event event;
	catch_signal(SIGUSR1, SA_RESTART);
	pid_t child = bell(SIGUSR1);
	if (epoll_wait(epfd, &event, 1, -1) >= 0 || errno != EINTR)
		exit(99);
	int again = instance();
	must(epoll_wait(again, &event, 1, 0));
	silence(child);
	ignore_signal(SIGUSR1);
	close(again);
}

static void right(void)
{
	int epfd = instance(), told = instance();
	catch_signal(SIGWINCH, SA_RESTART);
	pid_t child = bell(SIGWINCH);
	wait_again(epfd);
	silence(child);
	end_when_told(told);
	close(told);
	close(epfd);
}

static void end_with_the_process(void)
{
	struct pollfd p = {.fd = -1};
	pid_t child = bell(SIGWINCH);
	int result = poll(&p, 1, 10000);
	silence(child);
	exit(result < 0 ? 0 : 99);
}

static void wrong(void)
{
	struct epoll_event event;
	int epfd = instance(), status;
	pid_t child = must(fork());
	if (child == 0)
		end_with_the_process();
	must(waitpid(child, &status, 0));
	child = bell(SIGWINCH);
	int result = epoll_wait(epfd, &event, 1, -1);
	silence(child);
	if (status || result >= 0)
		exit(99);
	close(epfd);
}

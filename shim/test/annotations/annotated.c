/* annotated WAY: what pollcheck.h changes, each way beside its like without the annotation. Prints
 * nothing; runs the same without the library. */
#include "pollcheck.h"

#include "prepare.h"

static int ready_event(int epfd)
{
	int fd = must(eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK));
	struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
	must(epoll_ctl(epfd, EPOLL_CTL_ADD, fd, &event));
	return fd;
}

/* Long enough to be found spinning. tell is called after each wait, if not NULL. */
static void spin(int epfd, int fd, void (*tell)(int))
{
	struct epoll_event event;
	double since = now();
	for (int i = 0; spinning(since, i); i++) {
		must(epoll_wait(epfd, &event, 1, -1));
		if (tell)
			tell(fd);
	}
}

static void spins(void)
{
	int epfd = instance();
	spin(epfd, ready_event(epfd), NULL);
}

static void ignores(void)
{
	int epfd = instance(), fd = ready_event(epfd);
	pollcheck_ignore_fd(fd);
	spin(epfd, fd, NULL);
	pollcheck_ignore_fd(-1);
	pollcheck_ignore_fd(1 << 30);
}

/* The number is given to another file: that one is not answered for. */
static void ignores_another(void)
{
	int epfd = instance(), fd = ready_event(epfd);
	pollcheck_ignore_fd(fd);
	must(close(fd));
	spin(epfd, ready_event(epfd), NULL);
}

static void drains(void)
{
	int epfd = instance();
	spin(epfd, ready_event(epfd), pollcheck_drained);
}

static void wait_often(int epfd, int times)
{
	struct epoll_event event;
	for (int i = 0; i < times; i++)
		must(epoll_wait(epfd, &event, 1, -1));
}

static void is_idle(void)
{
	int epfd = instance();
	ready_event(epfd);
	pollcheck_expect_idle(epfd);
	wait_often(epfd, 2);
}

static void wakes_a_few_times(void)
{
	int epfd = instance();
	ready_event(epfd);
	wait_often(epfd, 5);
}

static void serves_while_idle(void)
{
	struct epoll_event event;
	uint64_t value = 1;
	int epfd = instance(), fd = ready_event(epfd);
	pollcheck_expect_idle(epfd);
	for (int i = 0; i < 100; i++) {
		must(epoll_wait(epfd, &event, 1, -1));
		must((int)read(fd, &value, sizeof(value)));
		must((int)write(fd, &value, sizeof(value)));
	}
}

static void another_is_idle(void)
{
	int epfd = instance(), other = instance();
	ready_event(epfd);
	pollcheck_expect_idle(other);
	wait_often(epfd, 5);
}

static void idle_is_over(void)
{
	int epfd = instance();
	ready_event(epfd);
	pollcheck_expect_idle(epfd);
	pollcheck_expect_idle(epfd);
	pollcheck_idle_over(epfd);
	wait_often(epfd, 5);
}

static void idle_is_closed(void)
{
	int epfd = instance();
	pollcheck_expect_idle(epfd);
	must(close(epfd));
	int reused = instance();
	ready_event(reused);
	wait_often(reused, 5);
}

/* Whatever is told of whatever number. */
static void keeps_errno(void)
{
	errno = ENOTTY;
	pollcheck_ignore_fd(0);
	pollcheck_drained(0);
	pollcheck_expect_idle(0);
	pollcheck_tell(99, 0);
	if (errno != ENOTTY)
		exit(97);
}

int main(int count, char **words)
{
	static const struct {
		const char *word;
		void (*run)(void);
	} ways[] = {{"spins", spins}, {"ignores", ignores}, {"ignores-another", ignores_another},
		{"drains", drains}, {"idle", is_idle}, {"wakes", wakes_a_few_times},
		{"serves", serves_while_idle}, {"another", another_is_idle}, {"over", idle_is_over},
		{"closed", idle_is_closed}, {"errno", keeps_errno}};
	for (size_t i = 0; count == 2 && i < sizeof(ways) / sizeof(ways[0]); i++)
		if (strcmp(words[1], ways[i].word) == 0) {
			ways[i].run();
			return 0;
		}
	return 98;
}

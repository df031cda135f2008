/* At the limit of descriptors the listener is no longer watched until there is room again; then it
 * is, and accept fails for ever. */
#include "rule.h"

#include <sys/un.h>

/* Valgrind enforces a lower soft limit by itself: it closes what the kernel accepted. Only somebody
 * who connects again and again keeps the queue full there as well; who closes at once stays in it.
 */
static pid_t guests(int listener, const struct sockaddr_un *address)
{
	pid_t child = must(fork());
	if (child)
		return child;
	close(listener); /* the parent's end of it is the end of the queue */
	for (int guest, made = 0; made == 0; close(guest)) {
		guest = must(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
		made = connect(guest, (const struct sockaddr *)address, sizeof(*address));
	}
	_exit(0);
}

static int listener_with(pid_t *child)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int listener = must(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
	snprintf(address.sun_path + 1, sizeof(address.sun_path) - 1, "emfile-%d", getpid());
	must(bind(listener, (struct sockaddr *)&address, sizeof(address)));
	must(listen(listener, 64));
	*child = guests(listener, &address);
	return listener;
}

static void limit_to(rlim_t most)
{
	struct rlimit limit;
	must(getrlimit(RLIMIT_NOFILE, &limit));
	limit.rlim_cur = most;
	must(setrlimit(RLIMIT_NOFILE, &limit));
}

static void no_descriptors_left(void)
{
	int next = must(dup(0));
	close(next);
	limit_to((rlim_t)next);
}

static void wait_for_one(int epfd)
{
	struct epoll_event event;
	must(epoll_wait(epfd, &event, 1, -1));
}

static void accepts_none(int listener)
{
	if (accept(listener, NULL, NULL) >= 0 || errno != EMFILE)
		exit(99);
}

static void ended(int listener, int epfd, pid_t child)
{
	close(epfd);
	close(listener);
	must(waitpid(child, NULL, 0));
}

static void right(void)
{
	struct rlimit limit;
	pid_t child;
	int listener = listener_with(&child), epfd = instance();
	must(getrlimit(RLIMIT_NOFILE, &limit));
	must(add(epfd, listener, EPOLLIN));
	no_descriptors_left();
	wait_for_one(epfd);
	accepts_none(listener);
	must(epoll_ctl(epfd, EPOLL_CTL_DEL, listener, NULL));
	limit_to(limit.rlim_cur);
	must(add(epfd, listener, EPOLLIN));
	wait_for_one(epfd);
	close(must(accept(listener, NULL, NULL)));
	ended(listener, epfd, child);
}

static void wrong(void)
{
	pid_t child;
	int listener = listener_with(&child), epfd = instance();
	must(add(epfd, listener, EPOLLIN));
	no_descriptors_left();
	wait_for_one(epfd); /* the time begins when there are guests */
	double since = now();
	for (int i = 0; spinning(since, i); i++) {
		wait_for_one(epfd);
		accepts_none(listener);
		close(-1); /* frees no number */
	}
	ended(listener, epfd, child);
}

/* forgotten SECONDS: leaves three things undone, blocks so long, and waits again; three processes
 * do so without limit, three for a moment. */
#include "../unfinished.h"

static int milliseconds;

static void blocks(int epfd)
{
	struct epoll_event event;
	must(epoll_wait(epfd, &event, 1, milliseconds));
}

static void without_limit(enum unfinished which, int epfd, const int pair[2])
{
	(void)which;
	(void)pair;
	blocks(epfd);
	wait_for_another(epfd);
}

static void for_a_moment(enum unfinished which, int epfd, const int pair[2])
{
	struct epoll_event event;
	(void)which;
	(void)pair;
	blocks(epfd);
	must(epoll_wait(epfd, &event, 1, 1));
}

int main(int argc, char **argv)
{
	milliseconds = argc > 1 ? atoi(argv[1]) * 1000 + 100 : 0;
	pid_t child = must(fork());
	each_in_child(child ? without_limit : for_a_moment);
	return 0;
}

/* A loop around select is right 11,000 times, with 10,000 of them between two marks. Then it opens
 * a descriptor, and does not tell select that there is a higher one. */
#include <sys/eventfd.h>
#include <sys/select.h>
#include <unistd.h>

static fd_set wanted, ready;
static struct timeval limit;

static int turn(int nfds)
{
	ready = wanted;
	limit = (struct timeval){0, 0};
	return select(nfds, &ready, NULL, NULL, &limit);
}

static void turns(int times, int nfds)
{
	while (times--)
		turn(nfds);
}

int main(void)
{
	int first = eventfd(1, EFD_CLOEXEC);
	FD_SET(first, &wanted);
	turns(1000, first + 1);
	write(-1, "mark", 4);
	turns(10000, first + 1);
	write(-1, "mark", 4);
	int second = eventfd(1, EFD_CLOEXEC);
	FD_SET(second, &wanted);
	turns(1, first + 1);
	return 0;
}

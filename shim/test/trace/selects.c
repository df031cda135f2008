/* selects TIMES local|static: as often selects a readable pipe, its set and timeout in the frame of
 * the function that calls, or elsewhere. */
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <unistd.h>

static fd_set elsewhere;
static struct timeval limit;

static void select_once(int fd, fd_set *set, struct timeval *timeout)
{
	FD_ZERO(set);
	FD_SET(fd, set);
	*timeout = (struct timeval){1, 0};
	select(fd + 1, set, NULL, NULL, timeout);
}

static void select_locally(int fd)
{
	fd_set set;
	struct timeval timeout = {1, 0};
	FD_ZERO(&set);
	FD_SET(fd, &set);
	select(fd + 1, &set, NULL, NULL, &timeout);
}

int main(int count, char **words)
{
	int ends[2], times = count == 3 ? atoi(words[1]) : 0;
	if (!times || pipe(ends) != 0 || write(ends[1], "x", 1) != 1)
		return 1;
	while (times--)
		if (strcmp(words[2], "local") == 0)
			select_locally(ends[0]);
		else
			select_once(ends[0], &elsewhere, &limit);
	return 0;
}

/* sinks size|none: a limit of file sizes or of descriptors stands in the way of a report; the
 * program, which writes nothing, must not notice. */
#include "use.h"

int main(int count, char **arguments)
{
	struct rlimit limit = {1, 1};
	must(count == 2, "usage: sinks size|none");
	bool size = strcmp(arguments[1], "size") == 0;
	if (!size)
		limit.rlim_cur = limit.rlim_max = 8;
	must(!setrlimit(size ? RLIMIT_FSIZE : RLIMIT_NOFILE, &limit), "setrlimit");
	bool right = used() && misused() && used();
	for (int i = 0; i < 100; i++)
		right = misused() && right;
	return right ? 0 : 4;
}

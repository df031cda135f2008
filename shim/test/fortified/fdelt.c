/* FD_SET with a number the set has no bit for: under -D_FORTIFY_SOURCE the C library aborts. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/select.h>

int main(int argc, char **argv)
{
	fd_set set;
	FD_ZERO(&set);
	FD_SET(argc > 1 ? atoi(argv[1]) : 0, &set);
	return FD_ISSET(0, &set) ? 0 : 1;
}

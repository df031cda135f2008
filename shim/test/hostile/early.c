/* Calls before any constructor of the library ran: from .preinit_array, from the constructor of a
 * shared library (this file again, compiled with -DLIBRARY), and then as usual. */
#include "use.h"

#ifdef LIBRARY
int library_right;

__attribute__((constructor(101))) static void construct(void)
{
	library_right = used() && misused();
}
#else
int library_right __attribute__((weak)) = 1;
static int first_right, constructor_right, kept[2];

/* A descriptor made here is used for the whole life of the process. */
static void before_everything(int count, char **arguments, char **environment)
{
	(void)count, (void)arguments, (void)environment;
	first_right = used() && misused() && pipe(kept) == 0 && write(kept[1], "x", 1) == 1;
}

__attribute__((section(".preinit_array"), used)) static void (*const entry)(
	int, char **, char **) = before_everything;

__attribute__((constructor(101))) static void construct(void)
{
	constructor_right = used() && misused();
}

int main(void)
{
	struct pollfd fd = {kept[0], POLLIN, 0};
	must(poll(&fd, 1, 0) == 1 && fd.revents == POLLIN, "the early pipe");
	must(used() && misused(), "main");
	dprintf(1, "first %d constructor %d library %d\n", first_right, constructor_right,
		library_right);
	return 0;
}
#endif

/* Started without standard error: the file that gets number 2 is the program's own. */
#include "use.h"

int main(void)
{
	int fd = open("database", O_RDWR | O_CREAT | O_TRUNC, 0600);
	must(fd == 2, "lowest number");
	must(write(fd, "records", 7) == 7, "write");
	must(used() && misused() && used(), "use");
	dprintf(1, "database holds %ld bytes\n", (long)lseek(fd, 0, SEEK_END));
	return 0;
}

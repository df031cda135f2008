/* close_all WAY: closes whatever is open, as daemons do, and opens files under the numbers 0, 1, 2:
 * they hold only what the program wrote into them. */
#include "use.h"

#include <stdio.h>

static int output;

static void close_by(const char *way)
{
	int result = 0;
	if (strcmp(way, "closefrom") == 0)
		closefrom(3);
	else if (strcmp(way, "range") == 0)
		result = close_range(3, ~0U, 0);
	else if (strcmp(way, "unshare") == 0)
		result = close_range(3, ~0U, CLOSE_RANGE_UNSHARE);
	else if (strcmp(way, "exec") == 0)
		result = close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
	else if (strcmp(way, "syscall") == 0)
		result = syscall(SYS_close_range, 3, ~0U, 0);
	else if (strcmp(way, "loop") == 0)
		for (int fd = 3; fd < 1024; fd++)
			close(fd);
	else
		result = -1;
	must(result == 0, way);
}

static void replace_standard_streams(void)
{
	output = fcntl(1, F_DUPFD_CLOEXEC, 100);
	for (int fd = 0; fd < 3; fd++)
		close(fd);
	for (int fd = 0; fd < 3; fd++) {
		char name[] = "file0";
		name[4] += fd;
		must(open(name, O_RDWR | O_CREAT | O_TRUNC, 0600) == fd, "lowest number");
		must(write(fd, "ours", 4) == 4, "write");
	}
}

static void show_files(void)
{
	for (int fd = 0; fd < 3; fd++)
		dprintf(output, "file %d holds %ld bytes\n", fd, (long)lseek(fd, 0, SEEK_END));
}

int main(int count, char **arguments)
{
	must(count == 2, "usage: close_all WAY");
	must(used() && misused(), "before");
	int opened[50];
	for (int i = 0; i < 50; i++)
		opened[i] = dup(0);
	close_by(arguments[1]);
	must(used() && misused() && used(), "after closing");
	replace_standard_streams();
	must(used() && misused() && used(), "with other files as 0, 1 and 2");
	show_files();
	dprintf(output, "the first number was %d\n", opened[0]);
	return 0;
}

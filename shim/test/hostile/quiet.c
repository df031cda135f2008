/* Only right use, between two marks: for a look at the system calls. One thread, no descriptors. */
#include "use.h"

#include <dirent.h>

static int entries(const char *path)
{
	DIR *folder = opendir(path);
	int number = 0;
	while (folder && readdir(folder))
		number++;
	closedir(folder);
	return number;
}

int main(void)
{
	for (int i = 0; i < 300; i++)
		must(used(), "the first times");
	write(-1, "mark", 4);
	for (int i = 0; i < 512; i++)
		must(used(), "use");
	write(-1, "mark", 4);
	dprintf(1, "threads %d\n", entries("/proc/self/task") - 2);
	dprintf(1, "the lowest descriptor is %d\n", dup(0));
	return 0;
}

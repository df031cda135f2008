/* The folder belongs to a process of its own, which reads a pipe that nobody writes: it ends when
 * the last who has it open does, killed or not. */
#include "trace.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char scratch[] = "/dev/shm/pollcheck-trace-XXXXXX";

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *place)
{
	(void)status;
	(void)type;
	return place->level ? remove(path) : 0;
}

void scratch_clear(const char *folder)
{
	nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

bool scratch_is_empty(const char *folder)
{
	DIR *entries = opendir(folder);
	int count = 0;
	while (entries && readdir(entries))
		count++;
	if (entries)
		closedir(entries);
	return count == 2; /* itself and its parent */
}

static void remove_in_the_end(int pipe_end)
{
	char byte;
	setsid(); /* a ^C is for the others */
	while (read(pipe_end, &byte, 1) > 0)
		;
	scratch_clear(scratch);
	rmdir(scratch);
	_exit(0);
}

const char *scratch_begins(void)
{
	int ends[2];
	if (!mkdtemp(scratch) || pipe2(ends, O_CLOEXEC) < 0) {
		perror(scratch);
		exit(2);
	}
	if (fork() == 0) {
		close(ends[1]);
		remove_in_the_end(ends[0]);
	}
	close(ends[0]);
	return scratch;
}

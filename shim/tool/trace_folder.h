/* Folders of traces, as the command makes and finds them. */
#ifndef POLLCHECK_TRACE_FOLDER_H
#define POLLCHECK_TRACE_FOLDER_H

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/types.h>
#include <unistd.h>

/* NULL when path now is an empty folder of ours, else what is wrong and how to go on. */
const char *trace_folder_made(const char *path);
/* The group of this name or number; NO_GROUP when there is none. */
enum { NO_GROUP = -1 };
long trace_group(const char *name);
/* Processes of that group may record in the folder, see libpollcheck(7); as above. */
const char *trace_folder_shared(const char *path, long group);
/* A descriptor of the folder of one process, PID.N with metadata in it; -1 when it is none. */
int trace_folder_opened(const char *path);
/* How many of those are in path. */
unsigned trace_folder_processes(const char *path);

#endif

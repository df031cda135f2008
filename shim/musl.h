/* What glibc's headers declare and musl's do not. The functions for our own use are in musl.c; the
 * entry points are there for programs built for glibc, and answer ENOSYS where nobody has them. */
#ifndef POLLCHECK_MUSL_H
#define POLLCHECK_MUSL_H

#include <dlfcn.h>
#include <fcntl.h>
#include <link.h>
#include <signal.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/sendfile.h>

typedef int __rlimit_resource_t;

#undef open64
#undef openat64
#undef creat64
#undef fopen64
#undef freopen64
#undef sendfile64
#undef setrlimit64
int open64(const char *, int, ...);
int openat64(int, const char *, int, ...);
int creat64(const char *, mode_t);
FILE *fopen64(const char *, const char *);
FILE *freopen64(const char *, const char *, FILE *);
ssize_t sendfile64(int, int, off_t *, size_t);
int setrlimit64(int, const struct rlimit *);
int fcntl64(int, int, ...);
int close_range(unsigned, unsigned, int);
void closefrom(int);
int execveat(int, const char *, char *const[], char *const[], int);
int epoll_pwait2(int, struct epoll_event *, int, const struct timespec *, const sigset_t *);

#define OURS __attribute__((visibility("hidden")))
OURS const char *strerrorname_np(int error);
OURS const char *strerrordesc_np(int error);
OURS const char *sigabbrev_np(int number);

/* libgcc's unwinder asks this of glibc 2.35 and later (its dlfcn.h). */
struct dl_find_object {
	unsigned long long dlfo_flags;
	void *dlfo_map_start, *dlfo_map_end;
	struct link_map *dlfo_link_map;
	void *dlfo_eh_frame;
	unsigned long long reserved[7];
};
OURS int _dl_find_object(void *address, struct dl_find_object *);

#endif

/* What glibc's headers declare and musl's do not. The functions for our own use are in musl.c; the
 * entry points are there for programs built for glibc, and answer ENOSYS where nobody has them. */
#ifndef POLLCHECK_MUSL_H
#define POLLCHECK_MUSL_H

#include <aio.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <link.h>
#include <signal.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/uio.h>

typedef int __rlimit_resource_t;
typedef off_t __off_t;

#undef open64
#undef openat64
#undef creat64
#undef fopen64
#undef freopen64
#undef sendfile64
#undef setrlimit64
#undef pread64
#undef pwrite64
#undef preadv64
#undef pwritev64
#undef aio_read64
#undef aio_write64
int open64(const char *, int, ...);
int openat64(int, const char *, int, ...);
int creat64(const char *, mode_t);
FILE *fopen64(const char *, const char *);
FILE *freopen64(const char *, const char *, FILE *);
ssize_t sendfile64(int, int, off_t *, size_t);
int setrlimit64(int, const struct rlimit *);
ssize_t pread64(int, void *, size_t, off_t);
ssize_t pwrite64(int, const void *, size_t, off_t);
ssize_t preadv64(int, const struct iovec *, int, off_t);
ssize_t pwritev64(int, const struct iovec *, int, off_t);
ssize_t preadv2(int, const struct iovec *, int, off_t, int);
ssize_t pwritev2(int, const struct iovec *, int, off_t, int);
ssize_t preadv64v2(int, const struct iovec *, int, off_t, int);
ssize_t pwritev64v2(int, const struct iovec *, int, off_t, int);
int aio_read64(struct aiocb *);
int aio_write64(struct aiocb *);
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

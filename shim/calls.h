/* The interposed entry points as an enum, and prototypes of those no header declares in every
 * build: fortified names, aliases, time64 names. */
#ifndef POLLCHECK_CALLS_H
#define POLLCHECK_CALLS_H

#include <aio.h>
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/sendfile.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <termios.h>
#include <unistd.h>

/* What the manual pages call unsigned long and int is declared otherwise by musl. */
#ifdef __GLIBC__
typedef unsigned long ioctl_request;
typedef int message_flags;
#else
#include "musl.h"
typedef int ioctl_request;
typedef unsigned message_flags;
#endif

/* Argument roles; calls.def strings them together. */
#define EPFD        "e"
#define OP          "o"
#define FD          "d"
#define EVENT       "v"
#define EVENTS      "V"
#define MAXEVENTS   "m"
#define FDS         "P"
#define NFDS        "n"
#define SELECT_NFDS "N"
#define SETS        "S"
#define TIMEOUT     "t"
#define SIGMASK     "s"
#define SIZE        "z"
#define ROOM        "Z"
#define FLAGS       "f"
#define IN_OUT      "x"

enum call_id {
#define CALL(name, kind, roles) CALL_##name,
#include "calls.def"
#undef CALL
	CALLS
};

enum call_kind { WITNESSED, JUDGED };

struct call_row {
	const char *name;
	enum call_kind kind;
	const char *roles;
};
extern const struct call_row calls[CALLS];

int __poll(struct pollfd *, nfds_t, int);
int __poll_chk(struct pollfd *, nfds_t, int, size_t);
int __ppoll_chk(struct pollfd *, nfds_t, const struct timespec *, const sigset_t *, size_t);
int __select(int, fd_set *, fd_set *, fd_set *, struct timeval *);
long __fdelt_chk(long);
long __fdelt_warn(long);
int __dup2(int, int);
int __fcntl(int, int, ...);
int __pipe(int[2]);
int __open(const char *, int, ...);
int __open64(const char *, int, ...);
int __open_2(const char *, int);
int __open64_2(const char *, int);
int __openat_2(int, const char *, int);
int __openat64_2(int, const char *, int);
pid_t __fork(void);
pid_t __vfork(void);
ssize_t __read(int, void *, size_t);
ssize_t __read_chk(int, void *, size_t, size_t);
ssize_t __recv(int, void *, size_t, int);
ssize_t __recv_chk(int, void *, size_t, size_t, int);
ssize_t __recvfrom_chk(int, void *, size_t, size_t, int, struct sockaddr *, socklen_t *);
ssize_t __pread64(int, void *, size_t, off64_t);
ssize_t __pread_chk(int, void *, size_t, __off_t, size_t);
ssize_t __pread64_chk(int, void *, size_t, off64_t, size_t);
ssize_t __write(int, const void *, size_t);
ssize_t __pwrite64(int, const void *, size_t, off64_t);
int __dprintf_chk(int, int, const char *, ...);
int __vdprintf_chk(int, int, const char *, va_list);
int __sendmmsg(int, struct mmsghdr *, unsigned, int);
ssize_t __send(int, const void *, size_t, int);
int __connect(int, const struct sockaddr *, socklen_t);
int __close(int);

/* The structures of the time64 calls of 32-bit libcs, whose headers show them only to
 * -D_TIME_BITS=64. */
struct timespec64 {
	long long tv_sec;
	int tv_nsec, padding;
};
struct timeval64 {
	long long tv_sec, tv_usec;
};
struct itimerspec64 {
	struct timespec64 it_interval, it_value;
};

#if defined __TIMESIZE && __TIMESIZE == 32
#define TIME64
int __ppoll64(struct pollfd *, nfds_t, const struct timespec64 *, const sigset_t *);
int __ppoll64_chk(struct pollfd *, nfds_t, const struct timespec64 *, const sigset_t *, size_t);
int __select64(int, fd_set *, fd_set *, fd_set *, struct timeval64 *);
int __pselect64(int, fd_set *, fd_set *, fd_set *, const struct timespec64 *, const sigset_t *);
int __epoll_pwait2_time64(
	int, struct epoll_event *, int, const struct timespec64 *, const sigset_t *);
int __timerfd_settime64(int, int, const struct itimerspec64 *, struct itimerspec64 *);
int __fcntl_time64(int, int, ...);
int __ioctl_time64(int, unsigned long, ...);
ssize_t __recvmsg64(int, struct msghdr *, int);
int __recvmmsg64(int, struct mmsghdr *, unsigned, int, struct timespec64 *);
ssize_t __sendmsg64(int, const struct msghdr *, int);
int __sendmmsg64(int, struct mmsghdr *, unsigned, int);
int __getsockopt64(int, int, int, void *, socklen_t *);
int __setsockopt64(int, int, int, const void *, socklen_t);
int __prctl_time64(int, ...);
#endif

#endif

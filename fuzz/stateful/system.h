/* The same steps by two ways: by the C library's names, which the shim answers where it is linked
 * or preloaded, and by bare system calls, which nothing sees. */
#ifndef FUZZ_SYSTEM_H
#define FUZZ_SYSTEM_H

#include "step.h"

#include <poll.h>
#include <stdbool.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/types.h>

struct system {
	const char *name;
	int (*pipe2)(int *, int);
	int (*socketpair)(int, int, int, int *);
	int (*socket)(int, int, int);
	int (*connect)(int, const struct sockaddr *, socklen_t);
	int (*accept4)(int, struct sockaddr *, socklen_t *, int);
	int (*eventfd)(unsigned, int);
	int (*epoll_create1)(int);
	int (*open)(const char *, int);
	int (*dup)(int);
	int (*dup_from)(int, int);
	int (*dup2)(int, int);
	int (*dup3)(int, int, int);
	int (*close)(int);
	int (*close_range)(unsigned, unsigned, int);
	ssize_t (*read)(int, void *, size_t);
	ssize_t (*write)(int, const void *, size_t);
	int (*shutdown)(int, int);
	int (*epoll_ctl)(int, int, int, struct epoll_event *);
	int (*epoll_wait)(int, struct epoll_event *, int, int timeout, unsigned how);
	int (*poll)(struct pollfd *, nfds_t, int);
	int (*select)(int, fd_set *, fd_set *, fd_set *);
	pid_t (*fork)(void);
};
extern const struct system bare, library;

/* Once: takes all numbers below base, ignores SIGPIPE, finds the C library's own syscall(2). */
void system_begins(void);
/* Before a program: moves base up if others (a symbolizer, an engine) took numbers of ours. */
void system_settles(void);
extern long (*bare_call)(long number, ...);

/* patience: how long a wait may take, in milliseconds. */
struct answer system_step(const struct system *, const struct step *, int patience);
/* Of system_tcp.c: on the loopback interface, at an address of this process alone. */
void connections_begin(void);
long make_connection(const struct system *);
long make_listener(const struct system *);
long connect_to(const struct system *, int listener);
long accept_from(const struct system *, int listener);
/* So that the end of a connection is a reset and leaves nothing behind. */
void end_abruptly(int fd);

/* What a child does: nothing, until the parent ends. */
int system_stay(void *parent);
/* Ends the child, if there is one, and closes all numbers. */
void system_ends(const struct system *);

#endif

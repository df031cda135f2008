/* What an alteration may change: one call, asked and answered. */
#ifndef ALTER_H
#define ALTER_H

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/select.h>

enum when {
	CREATE_ASKED,
	CREATE_ANSWERED,
	CTL_ASKED,
	CTL_ANSWERED,
	WAIT_ASKED,
	WAIT_ANSWERED,
	POLL_ASKED,
	POLL_ANSWERED,
	SELECT_ASKED,
	SELECT_ANSWERED,
};
enum call { OTHER, PWAIT2, PPOLL };

struct altered {
	enum call call;
	int size, flags, op, fd, room, milliseconds;
	bool has_event;
	struct epoll_event event;
	struct epoll_event *events;
	struct pollfd *fds;
	long nfds;
	fd_set *sets[3];
	struct timeval *timeval;
	struct timespec time; /* a copy; timespec points here, or is NULL */
	struct timespec *timespec;
	const sigset_t *sigmask;
	long result;
	int error;
};

void apply(enum when, struct altered *);
/* Alters the answer, sets errno, and returns it. */
long answered(enum when, struct altered *, long result);

#endif

/* Epoll instances that a child's program has kept open: told when it was seen to, for some close
 * what they inherit with their first calls (Erlang's erl_child_setup, closefrom in daemons). */
#ifndef POLLCHECK_LEAKS_H
#define POLLCHECK_LEAKS_H

#include "call.h"

struct fd_record;

extern _Atomic uint32_t leaks_suspected; /* children that are to be asked about */

/* Whether fd is an epoll instance, eventfd, timerfd or signalfd that a program executed now would
 * inherit. */
bool leaks(int fd, const struct fd_record *);
/* This process has a child, which is to execute a program within a second, or has done so: a
 * worker, which never does, is not asked about for longer. */
void leaks_child(int pid);
/* In the child of a fork, whose siblings are no children of its own. */
void leaks_forked(void);
/* Before a wait. */
void leaks_judge(const struct call *);

#endif

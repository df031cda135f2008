/* The reference model: what epoll(7), pipe(7), unix(7), tcp(7) and eventfd(2) say, and where they
 * are silent what Linux does.
 *
 * Invariant. An instance is a set of items, one for each (open file description, number) added and
 * not deleted while the description lives, and a ready list of some of them. An item that is not
 * disarmed and whose description answers a bit it asks for is on the ready list, unless it is
 * edge-triggered and was reported since the last change of its description. The list may hold items
 * that answer nothing: a wait or poll that meets them drops them. A wait reports from the head of
 * the list, each item at most once; level-triggered ones go to its end, edge-triggered ones leave
 * it, one-shots leave it disarmed. */
#ifndef FUZZ_MODEL_H
#define FUZZ_MODEL_H

#include "step.h"

#include <stdbool.h>

enum kind {
	NO_FILE,
	PIPE_READ,
	PIPE_WRITE,
	COUNTER,
	SOCKET,
	CONNECTION,
	LISTENER,
	INSTANCE,
	PLAIN_FILE
};

enum { FILES = 4 * STEPS, ITEMS = 4 * STEPS, WATCHERS = 64, MESSAGES = 32, QUEUED = 4 };

struct list {
	int count, of[WATCHERS];
};

/* An open file description. */
struct file {
	enum kind kind;
	int holders; /* numbers, in this process and its child */
	int peer;    /* the other end; -1: none */
	bool peer_gone;
	/* a pipe's buffer is one page; both ends look at the read end's */
	int begin, end;
	uint64_t counter;
	int messages; /* in a socket's receive queue; connections in a listener's */
	bool deaf, shut;
	int error; /* 0: none; until it is told */
	/* of a connection, see model_tcp.c */
	bool finished, closed;
	bool abrupt;          /* SO_LINGER of 0 seconds: its end is a reset */
	bool unacknowledged;  /* its FIN */
	bool moved;           /* something came that is to be awaited */
	int queue;            /* the listener that has not yet accepted it; -1: none */
	struct list watchers; /* items, in the order they are told of a change */
	struct list ready;    /* of an instance: its ready list */
};

/* A registration. */
struct item {
	bool live;
	int instance, file, number;
	uint32_t events;
	uint64_t data;
	bool ghost; /* was the child's alone for a time, see lists.c */
};

struct model {
	int files_used, items_used;
	struct file files[FILES];
	struct item items[ITEMS];
	int number[NUMBERS];       /* the file behind each number; -1: free */
	int child_number[NUMBERS]; /* and in the child, while there is one */
	bool child;
};
extern struct model model;

/* Bits the kernel takes out of every mask (EPOLLWAKEUP, without the capability); measured. */
extern uint32_t model_dropped_events;

/* Whether steps of two threads may be taken: the library is never alone again. */
extern bool model_company;

void model_begins(void);
/* Whether the step can be taken: there is room for what it makes. */
bool model_allows(const struct step *);
/* How many bytes a write is of: a counter takes eight, a socket's messages are all small. */
size_t model_writes(const struct step *);
struct answer model_step(const struct step *);
/* What a poll for everything answers; an instance drops what it finds unready. */
uint32_t model_poll(int file);

/* Between the files of the model: a change of a description, as its kind announces it; key 0
 * tells every watcher. */
void model_changed(int file, uint32_t key);
void model_released(int file);   /* by the last holder */
void model_file_ended(int file); /* before that: items of it and on it end */
uint32_t model_poll_instance(struct file *);
uint32_t model_poll_connection(const struct file *);
uint32_t model_poll_listener(const struct file *);
struct answer model_read(int file, const struct step *);
struct answer model_write(int file, const struct step *);
struct answer model_shut(int file, const struct step *);
struct answer model_told_error(struct file *);
int model_taken(struct file *, int size); /* by a read from a socket: so many bytes */

/* Of connections and listeners. */
struct answer model_write_tcp(int file);
struct answer model_read_tcp(int file, int size);
struct answer model_shut_tcp(int file, int how);
void model_released_tcp(int file);
void model_queued(int listener, int file);
int model_dequeued(int listener);  /* the oldest; -1: none */
void model_acknowledged(int file); /* the FIN of it */
bool model_allows_tcp(const struct step *, int file);
bool model_only_sends(int file);

struct answer model_ctl(const struct step *);
struct answer model_wait(const struct step *, int maxevents);
bool model_has_one_item(int instance);
int model_number_of(int file); /* in this process; -1: none */
struct answer failed(int error);
struct answer returned(long result);

#endif

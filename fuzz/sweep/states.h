/* The states of descriptors the sweep looks at, and what is true of each: the mask a poll for every
 * bit must answer. A state is made in a process of its own, whose end closes what it took. */
#ifndef SWEEP_STATES_H
#define SWEEP_STATES_H

#include <poll.h>
#include <stdint.h>

struct state {
	const char *kind, *name;
	uint16_t truth;
	int refused;           /* the errno of EPOLL_CTL_ADD; 0: it is taken */
	int (*make)(unsigned); /* the descriptor; -1: it cannot be made here, errno says why */
	unsigned how;
};
extern const struct state states[];
extern const int states_count;

/* The answers poll(2) calls equivalent, and the band bits that sockets add. */
#define R  (POLLIN | POLLRDNORM)
#define W  (POLLOUT | POLLWRNORM)
#define WB (W | POLLWRBAND)

/* What was done to a pair or pipe, in this order; a maker takes the sum. */
enum deed {
	UNREAD = 1,     /* we wrote, the peer has not read */
	DATA = 2,       /* the peer wrote */
	FULL = 4,       /* we wrote until nothing more went in */
	URGENT = 8,     /* the peer sent a byte out of band */
	PEER_SHUT = 16, /* shutdown(2) SHUT_WR by the peer */
	OWN_SHUT = 32,  /* by us */
	OWN_DEAF = 64,  /* SHUT_RD by us */
	PEER_CLOSED = 128,
	PEER_RESET = 256,  /* closed with SO_LINGER 0 */
	BUSY_POLL = 512,   /* SO_BUSY_POLL is on */
	ERROR_READ = 1024, /* SO_ERROR was asked for */
	DATAGRAM = 2048,
	PACKETS = 4096, /* SOCK_SEQPACKET */
	EXTRA = 8192,   /* see the maker */
};

#define STATE(kind, name, truth, refused, make, how) int make(unsigned);
#include "states.def"
#undef STATE

/* Writes until nothing fits. Returns fd. */
int filled(int fd);

#endif

/* What each descriptor number is, as far as the calls seen tell: kind, flags, generation, who
 * created and closed it, and its wake-ups. Lock-free: a record changes owner by compare-and-swap of
 * its state. */
#ifndef POLLCHECK_FDTABLE_H
#define POLLCHECK_FDTABLE_H

#include "call.h"

/* Kind, its name in a finding, and whether this process's own calls show that an event was served.
 */
#define FD_KINDS(X)                                                                                \
	X(UNKNOWN, "", true)                                                                       \
	X(TCP, "tcp", true)                                                                        \
	X(UDP, "udp", true)                                                                        \
	X(LISTENER, "listening socket", true)                                                      \
	X(UNIX_STREAM, "unix stream", true)                                                        \
	X(UNIX_DGRAM, "unix datagram", true)                                                       \
	X(SOCKET, "socket", false)                                                                 \
	X(PIPE, "pipe", true)                                                                      \
	X(FIFO, "fifo", true)                                                                      \
	X(TTY, "tty", true)                                                                        \
	X(EVENTFD, "eventfd", true)                                                                \
	X(TIMERFD, "timerfd", true)                                                                \
	X(SIGNALFD, "signalfd", true)                                                              \
	X(INOTIFY, "inotify", true)                                                                \
	X(EPOLL, "epoll instance", false)                                                          \
	X(REGULAR, "regular file", false)                                                          \
	X(DIRECTORY, "directory", false)                                                           \
	X(DEVICE, "device", false)                                                                 \
	X(OTHER, "", false)

enum fd_kind {
#define X(kind, name, visible) FD_##kind,
	FD_KINDS(X)
#undef X
};

enum fd_state { FD_UNSEEN, FD_OPEN, FD_CLOSING, FD_CLOSED };

enum fd_flag {
	FD_NONBLOCKING = 1,   /* O_NONBLOCK, as last seen */
	FD_CLOSE_ON_EXEC = 2, /* FD_CLOEXEC, as last seen */
	FD_REGISTERED = 4,    /* with the epoll instance in `instance` */
	FD_REGISTERED2 = 8,   /* and with others */
	FD_BIRTH_SEEN = 16,   /* its creating call was ours to see */
	FD_SENT = 32,         /* a copy went to another process (SCM_RIGHTS, unix(7)) */
	FD_ERROR_QUEUE = 128, /* an option was set that fills its error queue */
	FD_STDIO = 64,        /* a stdio stream reads or writes it, out of our sight */
};

/* What was tried on a descriptor since its run of wake-ups began. */
enum fd_evidence {
	READ_END = 1,   /* a read gave 0: end of file */
	READ_AGAIN = 2, /* a read gave EAGAIN */
	WRITE_AGAIN = 4,
	ACCEPT_FULL = 8, /* accept gave EMFILE, ENFILE, ENOBUFS or ENOMEM */
	PEEKED = 16,     /* only MSG_PEEK reads */
	READ_ERROR = 32,
};

enum fd_attention {
	EVENT_DELIVERED = 1, /* and nothing done about it yet */
	NOT_OPEN = 2,        /* the table believes it closed */
	STALE_EVENT = 4,     /* the batch at hand has an event of the number's earlier file */
	FRESH = 8,           /* accepted, and not used yet */
};

/* Of edge-triggered input, since it was last reported. */
enum fd_edge {
	EDGE_OPEN = 1,    /* not yet known to be drained */
	EDGE_TAKEN = 2,   /* something of it was taken */
	EDGE_SUSPECT = 4, /* and noted as a stall to come */
};

enum fd_owes {
	OWES_OUTPUT = 1, /* the last write was refused or cut short */
	CONNECTING = 2,  /* connect gave EINPROGRESS and how that went was not asked yet */
	COUNTED = 8,     /* reads in a row are, see turns.h */
	WAKES = 4,       /* its other end is read by an event loop; see wakers.h */
};

struct registration;

struct fd_record {
	_Atomic uint32_t state; /* generation << 2 | enum fd_state; a birth begins a generation */
	union {
		struct {
			_Atomic uint8_t attention, edge, owes, flags;
		};
		_Atomic uint32_t gate; /* all of them, for one look; see fd_attended */
	};
	union {
		struct {
			/* of an epoll: itself; of others: where it was last registered, */
			_Atomic uint16_t instance;
			/* and its open file description's count; 0: one owner */
			_Atomic uint16_t shared;
		};
		_Atomic uint32_t ties; /* both, for one look */
	};
	_Atomic uint16_t batch; /* the last that it was returned in, see batch.h */
	struct registration
		*_Atomic registration; /* with `instance`; check that it is still valid */
	_Atomic uint16_t created_site, closed_site, created_thread, closed_thread;
	_Atomic uint16_t forks;    /* how often the process had forked at birth */
	_Atomic uint16_t run_mask; /* event bits all wake-ups of the run had in common */
	_Atomic uint32_t run;      /* wake-ups in a row without progress */
	_Atomic uint64_t run_since;
	_Atomic uint16_t mask, served; /* last mask returned; single-bit masks that were served */
	_Atomic uint32_t peer;         /* as accept or connect gave it, network order: the kernel */
	_Atomic uint16_t peer_port;    /* forgets it when a connection breaks */
	_Atomic uint16_t zero_reads;
	_Atomic uint8_t invalid; /* how often a wait found it not open */
	_Atomic uint8_t judged;  /* this run was judged already */
	_Atomic uint8_t kind, evidence;
};
_Static_assert(sizeof(struct fd_record) <= 64, "one cache line for a descriptor");

enum { FD_CHUNK = 1024, FD_CHUNKS = 1024 }; /* 1 Mi descriptors; numbers above are not watched */

extern struct fd_record *_Atomic fd_chunks[FD_CHUNKS];

static inline struct fd_record *fd_find(int fd)
{
	if (unlikely((unsigned)fd >= FD_CHUNK * FD_CHUNKS))
		return NULL;
	struct fd_record *chunk =
		atomic_load_explicit(&fd_chunks[(unsigned)fd / FD_CHUNK], memory_order_acquire);
	return likely(chunk != NULL) ? &chunk[(unsigned)fd % FD_CHUNK] : NULL;
}

#define GET(field)        atomic_load_explicit(&(field), memory_order_relaxed)
#define PUT(field, value) atomic_store_explicit(&(field), (value), memory_order_relaxed)

/* Whether what is done with it is of interest; its output also when it does not block, for that may
 * be refused. Witnesses ask before each call: one load, one test. */
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "attention is the gate's lowest byte");
enum { GATE_ATTENDED = 0xffffff, GATE_OUTPUT = GATE_ATTENDED | FD_NONBLOCKING << 24 };

static inline bool fd_attended(const struct fd_record *r)
{
	return GET(((struct fd_record *)r)->gate) & GATE_ATTENDED;
}

static inline bool fd_output_attended(const struct fd_record *r)
{
	return GET(((struct fd_record *)r)->gate) & GATE_OUTPUT;
}

/* Where it was last registered, another thread perhaps having made the place. */
static inline struct registration *fd_registration(const struct fd_record *r)
{
	return atomic_load_explicit(&((struct fd_record *)r)->registration, memory_order_acquire);
}

static inline uint32_t fd_generation(const struct fd_record *r)
{
	return atomic_load_explicit(&((struct fd_record *)r)->state, memory_order_acquire) >> 2;
}

static inline bool fd_alive(const struct fd_record *r)
{
	uint32_t state =
		atomic_load_explicit(&((struct fd_record *)r)->state, memory_order_acquire) & 3;
	return state == FD_OPEN || state == FD_CLOSING;
}

extern _Atomic uint32_t fd_forks;  /* forks so far: an older description may live on in a child */
extern _Atomic uint32_t fd_births; /* another number after a birth; threads may count two as one */

/* The record of a number, made if need be; NULL beyond the table. */
struct fd_record *fd_claim(int fd);
/* fd was returned by a call; any older generation of the number is over. fd < 0 is ignored. */
struct fd_record *fd_born(int fd, enum fd_kind, unsigned flags, const void *site);
/* The kernel just accepted fd: if the table believed it closed, it was born out of our sight. */
struct fd_record *fd_seen(int fd);
/* Before and after a call that closes fd: between them the number may already be someone else's. */
void fd_closing(int fd, const void *site);
void fd_closed(int fd, bool succeeded);
/* Instead, for a number that ends alone: others name the description it had in common still. */
void fd_leaves(uint16_t shared);
/* to was made a duplicate of from (dup(2)); any older generation of to is over. */
void fd_duplicated(int from, int to, bool cloexec, const void *site);
/* The IPv4 address accept(2) or connect(2) gave for fd. */
void fd_peer(int fd, const struct sockaddr *);
/* All numbers from first to last were closed (close_range(2)). */
void fd_range_closed(unsigned first, unsigned last, const void *site);
void fd_range_cloexec(unsigned first, unsigned last);
void fd_flag(int fd, enum fd_flag, bool on);
/* Whether other numbers of this process name the same open file description. */
bool fd_is_shared(const struct fd_record *);
bool fd_same_description(const struct fd_record *, const struct fd_record *);

/* The highest number that may have a record. */
int fd_highest(void);

/* "tcp 127.0.0.1:9002<-127.0.0.1:55012": the kind, and what the kernel knows of it. Makes system
 * calls. */
void fd_describe(int fd, char *text, size_t size);
/* The kind, asking the kernel (fstat, SO_TYPE, /proc/self/fd) when no call showed it. */
enum fd_kind fd_kind(int fd);
bool fd_kind_visible(enum fd_kind);
/* Its name in a finding. */
const char *fd_kind_name(enum fd_kind);
/* Whether fd is a regular file of a disk, a directory, or /dev/null or /dev/zero; its name for a
 * finding. */
const char *fd_always_ready(int fd);
/* Whether a stdio stream reads or writes fd inside the C library, out of our sight. */
bool fd_reads_hidden(int fd, const struct fd_record *);

#endif

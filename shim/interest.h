/* The interest list of every epoll instance (epoll(7)): a registration is found by (instance,
 * number) or, when a wait returns an event, by (instance, data). Lock-free; a registration two
 * threads changed at the same time is uncertain, and nothing is said about it, until one alone
 * changes it again. */
#ifndef POLLCHECK_INTEREST_H
#define POLLCHECK_INTEREST_H

#include "fdtable.h"
#include "inspect.h"

struct registration {
	/* whose it is and whether it is there, in one word (see PRESENCE in interest.c) */
	_Atomic uint64_t presence;
	_Atomic uint64_t data;
	_Atomic uint32_t events;
	_Atomic uint32_t changes; /* changes begun << 12 | changes in flight */
	_Atomic uint16_t add_site, mod_site;
	_Atomic uint8_t uncertain, disarmed; /* disarmed: EPOLLONESHOT fired and not re-armed */
	_Atomic uint8_t ambiguous; /* others have its datum: an event does not say whose it is */
	_Atomic uint8_t rearmed;   /* before it fired: an event noted late may be an older one */
};

/* An instance; index 0 is no instance. */
enum { INSTANCES = 4096 };

/* A new epoll instance behind epfd. */
void interest_instance_born(int epfd, struct fd_record *);
/* The instance behind epfd; 0 when it is none we know. adopt: the kernel just took it for one. */
uint16_t interest_instance_adopted(int epfd);
static inline uint16_t interest_instance(int epfd, bool adopt)
{
	struct fd_record *r = fd_find(epfd);
	if (likely(r && GET(r->kind) == FD_EPOLL && fd_alive(r)))
		return GET(r->instance);
	return adopt ? interest_instance_adopted(epfd) : 0;
}
void interest_instance_gone(uint16_t instance);
/* Whether a forebear of this process made it, before it forked. */
bool interest_inherited(uint16_t instance);

/* Before and after the real epoll_ctl: what begun filled goes to done. */
struct change {
	struct registration *registration;
	struct fd_record *record; /* NULL: none, then */
	uint32_t ticket, state,
		unknown; /* the record's state and unknown events, at the beginning */
	uint16_t instance;
	bool fired; /* it was disarmed */
};
/* The event of epoll_ctl, its fields aligned: eight bytes loaded across two stores of another
 * division wait for the store buffer, and copies of the packed struct are just that. */
struct wanted {
	uint64_t data;
	uint32_t events;
};
void interest_begun(struct change *, int epfd, int fd);
void interest_done(struct change *, const struct call *, const struct wanted *);

/* Whether some datum is wider than a number, and not its descriptor's with something above. */
extern _Atomic bool datum_pointers;

/* The datum index, in eventdata.c: which number was registered with this datum. */
void eventdata_note(uint16_t instance, int fd, uint64_t data);
/* The datum is not one registration's alone. */
void eventdata_shared(uint16_t instance, uint64_t data);

/* Of an event whose datum is not its number, or is not known: a registration it may belong to is
 * being noted right now, and its change learns from the count that it was too late. */
struct registration *eventdata_sought(uint16_t instance, uint64_t data, int *fd);
extern _Atomic uint32_t eventdata_unknown[];

/* PRESENCE: instance (12 bits) and its generation (16), the descriptor's (26), count + COUNT_ZERO
 * (10). The count is ADDs less DELs, so that it is right in whatever order two threads' changes
 * arrive here. */
enum { COUNT_BITS = 10, FD_GENERATION_BITS = 26, GENERATION_BITS = 16 };
enum { COUNT_ZERO = 1 << (COUNT_BITS - 1), COUNTS = 1 << COUNT_BITS };
enum { OF_INSTANCE = COUNT_BITS + FD_GENERATION_BITS };

extern _Atomic uint32_t interest_instances[INSTANCES]; /* generation; odd while it lives */
extern _Atomic uint32_t interest_instances_used;       /* none lives at or above */

static inline uint64_t interest_owner(uint16_t instance, uint32_t fd_generation)
{
	uint16_t of_instance = (uint16_t)GET(interest_instances[instance]);
	uint64_t owner = (uint64_t)instance << GENERATION_BITS | of_instance;
	fd_generation &= (1u << FD_GENERATION_BITS) - 1;
	return (owner << FD_GENERATION_BITS | fd_generation) << COUNT_BITS;
}

static inline uint16_t interest_instance_in(uint64_t presence)
{
	return (uint16_t)(presence >> (OF_INSTANCE + GENERATION_BITS));
}

static inline bool interest_present(uint64_t presence, uint64_t owner)
{
	return (presence >> COUNT_BITS) == (owner >> COUNT_BITS) &&
	       (presence & (COUNTS - 1)) > COUNT_ZERO;
}

/* The place of a registration, there or not; NULL when it was never made. */
struct registration *interest_slot(uint16_t instance, int fd);
struct registration *interest_slot_made(uint16_t instance, int fd);

/* The live registration of fd with an instance; NULL when there is none. A descriptor's record
 * leads to the one it was last registered with; others are looked up. */
static inline struct registration *interest_of_record(
	uint16_t instance, int fd, struct fd_record *r)
{
	if (unlikely(!r || !instance || !fd_alive(r)))
		return NULL;
	struct registration *g = fd_registration(r);
	uint64_t owner = interest_owner(instance, fd_generation(r));
	uint64_t presence = g ? GET(g->presence) : 0;
	if (likely(interest_present(presence, owner)))
		return g;
	if (interest_instance_in(presence) == instance)
		return NULL;
	g = interest_slot(instance, fd);
	return g && interest_present(GET(g->presence), owner) ? g : NULL;
}

static inline struct registration *interest_of(uint16_t instance, int fd)
{
	return interest_of_record(instance, fd, fd_find(fd));
}
/* Whether an earlier file of this number was registered with the instance when it was closed. */
bool interest_was_registered(uint16_t instance, int fd);
/* The same from what a wait returned; *fd and *record tell whose. NULL: unknown, or several share
 * this datum. */
static inline struct registration *interest_by_data(
	uint16_t instance, uint64_t data, int *fd, struct fd_record **record)
{
	*fd = (int32_t)data;
	*record = fd_find(*fd);
	struct registration *g = interest_of_record(instance, *fd, *record);
	if (likely(g && GET(g->data) == data))
		return likely(!GET(g->ambiguous)) ? g : NULL;
	g = eventdata_sought(instance, data, fd);
	*record = fd_find(*fd);
	return g;
}

/* r's descriptor has a registration with the instance. */
void interest_registered(struct fd_record *r, uint16_t instance, struct registration *);

/* Orphans, in orphans.c, told by fdtable.c. fd is being closed while its description lives on under
 * another number: what it is registered with (instance 0: with several) stays in the kernel, out of
 * reach of EPOLL_CTL_DEL, */
void interest_orphaned(int fd, uint32_t generation, uint16_t shared, uint16_t instance);
/* until fd names that description again, */
void interest_regained(int fd, uint16_t shared);
/* or nothing does. */
void interest_share_gone(uint16_t shared);

/* Whether mask and data, or whether a one-shot fired, is not known for certain. */
static inline bool interest_uncertain(const struct registration *registration)
{
	struct registration *g = (struct registration *)registration;
	bool unknown = GET(g->disarmed) ? GET(g->rearmed) : GET(g->ambiguous);
	return GET(g->uncertain) || ((GET(g->events) & EPOLLONESHOT) && unknown);
}

/* The events fdinfo shows: of a one-shot that fired, the flags alone (fs/eventpoll.c,
 * EP_PRIVATE_BITS). */
static inline uint32_t interest_shown(uint32_t events, bool disarmed)
{
	return disarmed && (events & EPOLLONESHOT)
		       ? events & (EPOLLWAKEUP | EPOLLONESHOT | EPOLLET | EPOLLEXCLUSIVE)
		       : events;
}

/* Whether a poll of the instance changes nothing: it polls what is registered, and of some kinds
 * that eats the event. Makes system calls. */
bool interest_pollable(uint16_t instance);

/* For tests and proofs: calls visit for each registration of an instance, orphans included. */
void interest_each(uint16_t instance, void (*visit)(const struct pollcheck_entry *, void *argument),
	void *argument);
void interest_each_orphan(uint16_t instance,
	void (*visit)(const struct pollcheck_entry *, void *argument), void *argument);

#endif

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
};

/* An instance; index 0 is no instance. */
enum { INSTANCES = 4096 };

/* A new epoll instance behind epfd. */
void interest_instance_born(int epfd, struct fd_record *);
/* The instance behind epfd; 0 when it is none we know. adopt: the kernel just took it for one. */
uint16_t interest_instance(int epfd, bool adopt);
void interest_instance_gone(uint16_t instance);

/* Before and after the real epoll_ctl: begun's value goes to done. */
struct change {
	struct registration *registration;
	uint32_t ticket;
	uint16_t instance;
};
struct change interest_begun(int epfd, int fd);
void interest_done(struct change, const struct call *, const struct epoll_event *);

/* The live registration of fd with an instance; NULL when there is none. */
struct registration *interest_of(uint16_t instance, int fd);
/* The same from what a wait returned; *fd tells whose. NULL: unknown, or several share this datum.
 */
struct registration *interest_by_data(uint16_t instance, uint64_t data, int *fd);

/* From fdtable.c: fd was closed while its description lives on under another number (epoll(7),
 * Questions and answers 6): its registrations stay in the kernel, out of reach of EPOLL_CTL_DEL.
 * instance 0: it was registered with several. */
void interest_orphaned(int fd, uint32_t generation, uint16_t shared, uint16_t instance);
void interest_share_gone(uint16_t shared);

/* The datum index, in eventdata.c: which number was registered with this datum. */
void eventdata_note(uint16_t instance, int fd, uint64_t data);
int eventdata_fd(uint16_t instance, uint64_t data);

/* For tests and proofs: calls visit for each registration of an instance, orphans included. */
void interest_each(uint16_t instance, void (*visit)(const struct pollcheck_entry *, void *argument),
	void *argument);

#endif

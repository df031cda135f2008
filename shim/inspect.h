/* For tests and fuzzers: what the library believes, to be compared with /proc/self/fdinfo. Not an
 * interface for programs. Found with dlsym(RTLD_DEFAULT, …); absent when the library is. */
#ifndef POLLCHECK_INSPECT_H
#define POLLCHECK_INSPECT_H

#include <stdint.h>

struct pollcheck_entry {
	int fd;
	uint32_t events; /* as fdinfo shows them: the flags alone once an EPOLLONESHOT has fired */
	uint64_t data;
	int uncertain; /* two threads changed it at once: present for certain, mask and data not */
	int orphan;    /* its number was closed, its open file description lives on */
};

/* Calls visit for each registration the library believes epfd to have; -1 when it knows no such
 * instance. */
typedef int pollcheck_interest_list_type(
	int epfd, void (*visit)(const struct pollcheck_entry *, void *argument), void *argument);
int pollcheck_interest_list(
	int epfd, void (*visit)(const struct pollcheck_entry *, void *argument), void *argument);

#endif

/* process_vm_readv(2) on ourselves answers EFAULT where a plain read would kill the program. */
#include "fetch.h"

#include "process.h"
#include "stack.h"

#include <string.h>
#include <sys/uio.h>

static bool fetch_vector(const struct iovec *here, const struct iovec *there, unsigned long count)
{
	size_t all = 0;
	if (!may_make_system_calls() || process_confined)
		return false;
	for (unsigned long i = 0; i < count; i++)
		all += here[i].iov_len;
	long pid = SYSTEM(getpid);
	return SYSTEM(process_vm_readv, pid, here, count, there, count, 0ul) == (long)all;
}

bool fetch(void *to, const void *from, size_t size)
{
	struct iovec here = {to, size}, there = {(void *)from, size};
	return from && fetch_vector(&here, &there, 1);
}

bool fetch_timeout(const struct call *c, struct timeout *to)
{
	struct timespec64 copy;
	if (!fetch(&copy, c->timeout, timeout_size(c)))
		return false;
	*to = timeout_in(c, &copy);
	return true;
}

/* --- what select is given --- */

enum { PARTS = 4 }; /* three sets and a timeout */

struct part {
	void *to;
	const void *from;
	size_t size, least; /* the kernel reads the least alone */
	bool known;
};

/* The frame of the function that made the call is there: its return address lies above it. Beyond
 * the least, the memory may be no set. */
static void copy_from_frame(struct part *p, const char *frame_end)
{
	uintptr_t begin = (uintptr_t)__builtin_frame_address(0);
	uintptr_t before = (uintptr_t)p->from - begin, room = (uintptr_t)frame_end - begin;
	if (p->size != p->least || !frame_end || before > room || room - before < p->size)
		return;
	memcpy(p->to, p->from, p->size);
	p->known = true;
}

static void fetch_one(struct part *p)
{
	p->known = fetch(p->to, p->from, p->size);
	if (p->known || p->least == p->size)
		return;
	memset(p->to, 0, p->size);
	p->known = p->least && fetch(p->to, p->from, p->least);
}

static void fetch_parts(struct part parts[PARTS])
{
	struct iovec here[PARTS], there[PARTS];
	unsigned long count = 0;
	for (int i = 0; i < PARTS; i++) {
		here[count] = (struct iovec){parts[i].to, parts[i].size};
		there[count] = (struct iovec){(void *)parts[i].from, parts[i].size};
		count += parts[i].from && !parts[i].known;
	}
	bool all = count && fetch_vector(here, there, count);
	for (int i = 0; count && i < PARTS; i++)
		if (all)
			parts[i].known = parts[i].from != NULL;
		else if (!parts[i].known)
			fetch_one(&parts[i]);
}

void fetch_asked(const struct call *c, struct asked *asked)
{
	size_t whole = sizeof(asked->sets[0]), least = c->nfds > 0 ? set_bytes(c->nfds) : 0;
	struct timespec64 copy;
	struct part parts[PARTS];
	if (least > whole)
		least = whole;
	for (int i = 0; i < 3; i++)
		parts[i] = (struct part){
			asked->sets[i], c->sets[i], asked->sampled ? whole : least, least, false};
	parts[3] = (struct part){&copy, c->timeout, timeout_size(c), timeout_size(c), false};
	const char *end = asked->sampled ? NULL : site_frame_end(c->site, c->frame);
	for (int i = 0; i < PARTS; i++)
		copy_from_frame(&parts[i], end);
	fetch_parts(parts);
	for (int i = 0; i < 3; i++)
		asked->set_known[i] = parts[i].known;
	asked->timeout_known = parts[3].known;
	if (asked->timeout_known)
		asked->timeout = timeout_in(c, &copy);
}

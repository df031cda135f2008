/* process_vm_readv(2) on ourselves answers EFAULT where a plain read would kill the program. */
#include "fetch.h"

#include "process.h"

#include <sys/uio.h>

bool fetch(void *to, const void *from, size_t size)
{
	if (!from || !may_make_system_calls() || process_confined)
		return false;
	struct iovec here = {to, size}, there = {(void *)from, size};
	long pid = SYSTEM(getpid);
	return SYSTEM(process_vm_readv, pid, &here, 1ul, &there, 1ul, 0ul) == (long)size;
}

bool fetch_timeout(const struct call *c, struct timeout *to)
{
	struct timespec64 copy;
	if (!fetch(&copy, c->timeout, timeout_size(c)))
		return false;
	*to = timeout_in(c, &copy);
	return true;
}

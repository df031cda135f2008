/* Compiled as a library: another preload of poll, close, read and epoll_wait, which hands on to the
 * next definition of the same name or (-DTO_ALIAS) of its alias. As a program: its user. */
#include "use.h"

#include <dlfcn.h>

int interposed(void) __attribute__((weak));

#ifdef LIBRARY
static _Atomic int handed_on;

int interposed(void)
{
	return handed_on;
}

#ifdef TO_ALIAS
#define NEXT(name) "__" name
#else
#define NEXT(name) name
#endif

/* It works from its own constructor on, before or after ours. */
__attribute__((constructor)) static void construct(void)
{
	if (!used() || !misused())
		abort();
}

int poll(struct pollfd *fds, nfds_t nfds, int timeout)
{
	static __typeof__(poll) *next;
	if (!next)
		next = (__typeof__(next))dlsym(RTLD_NEXT, NEXT("poll"));
	handed_on++;
	return next(fds, nfds, timeout);
}

int close(int fd)
{
	static __typeof__(close) *next;
	if (!next)
		next = (__typeof__(next))dlsym(RTLD_NEXT, NEXT("close"));
	handed_on++;
	return next(fd);
}

ssize_t read(int fd, void *buffer, size_t size)
{
	static __typeof__(read) *next;
	if (!next)
		next = (__typeof__(next))dlsym(RTLD_NEXT, NEXT("read"));
	handed_on++;
	return next(fd, buffer, size);
}

int epoll_wait(int epfd, struct epoll_event *events, int maxevents, int timeout)
{
	static __typeof__(epoll_wait) *next;
	if (!next)
		next = (__typeof__(next))dlsym(RTLD_NEXT, "epoll_wait");
	handed_on++;
	return next(epfd, events, maxevents, timeout);
}
#else
int main(void)
{
	int before = interposed ? interposed() : 0;
	must(used() && misused() && used(), "use");
	dprintf(1, "interposed calls: %d\n", interposed ? interposed() - before : 0);
	return 0;
}
#endif

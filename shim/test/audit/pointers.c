/* pointers: calls that are looked up in the C library's own handle, past any preload. */
#include "hostile/use.h"

#include <dlfcn.h>

typedef int wait_call(int, struct epoll_event *, int, int);

int main(void)
{
	struct epoll_event event;
	int epfd = epoll_create1(EPOLL_CLOEXEC);
	void *libc = dlopen("libc.so.6", RTLD_LAZY | RTLD_NOLOAD);
	must(epfd >= 0 && libc, "the C library");
	wait_call *plain = (wait_call *)dlsym(libc, "epoll_wait"),
		  *next = (wait_call *)dlsym(RTLD_NEXT, "epoll_wait");
	must(plain && next, "dlsym");
	must(plain(epfd, &event, 0, 0) == -1 && errno == EINVAL, "a pointer from a handle");
	must(next(epfd, &event, -1, 0) == -1 && errno == EINVAL, "a pointer from RTLD_NEXT");
	must(dlsym(libc, "no_such_call") == NULL && dlerror(), "a missing name is missing");
	dprintf(1, "pointers done\n");
	return 0;
}

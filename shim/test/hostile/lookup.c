/* Programs that look the calls up by themselves: every answer works, next to the one linked. */
#include "use.h"

#include <dlfcn.h>

static const char *const names[] = {"poll", "__poll", "epoll_wait", "close", "read", "select"};

static int right(void *function, int which)
{
	struct pollfd fd = {NEVER_OPEN, POLLIN, 0};
	struct timeval zero = {0, 0};
	errno = 0;
	if (which < 2)
		return ((int (*)(struct pollfd *, nfds_t, int))function)(&fd, 1, 0) == 1 &&
		       fd.revents == POLLNVAL;
	if (which == 2)
		return ((int (*)(int, void *, int, int))function)(-1, &zero, 1, 0) == -1 &&
		       errno == EBADF;
	if (which == 3)
		return ((int (*)(int))function)(-1) == -1 && errno == EBADF;
	if (which == 4)
		return ((ssize_t(*)(int, void *, size_t))function)(-1, &zero, 1) == -1 &&
		       errno == EBADF;
	return ((int (*)(int, void *, void *, void *, struct timeval *))function)(
		       0, NULL, NULL, NULL, &zero) == 0;
}

int main(void)
{
	void *libc = dlopen("libc.so.6", RTLD_NOW | RTLD_NOLOAD), *self = dlopen(NULL, RTLD_NOW);
	must(libc && self, "dlopen");
	for (int i = 0; i < (int)(sizeof names / sizeof *names); i++) {
		void *found[] = {dlsym(RTLD_NEXT, names[i]), dlsym(RTLD_DEFAULT, names[i]),
			dlsym(libc, names[i]), dlsym(self, names[i])};
		for (int f = 0; f < 4; f++)
			dprintf(1, "%s %d: %d\n", names[i], f, found[f] && right(found[f], i));
	}
	must(dlsym(RTLD_DEFAULT, "no_such_call") == NULL && dlerror() != NULL, "dlerror");
	must(used() && misused(), "afterwards");
	return 0;
}

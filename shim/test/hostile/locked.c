/* mlockall for ever and 8 MiB to lock: what we map must not be what makes it fail. */
#include "use.h"

#include <pthread.h>
#include <sys/mman.h>

static void *thread(void *argument)
{
	must(used() && misused(), "thread");
	return argument;
}

int main(void)
{
	struct rlimit limit = {8 << 20, 8 << 20};
	must(!setrlimit(RLIMIT_MEMLOCK, &limit), "setrlimit");
	must(geteuid() != 0 || !setresuid(65534, 65534, 65534), "setresuid");
	int result = mlockall(MCL_CURRENT | MCL_FUTURE);
	dprintf(1, "mlockall %d %s\n", result, result ? strerrorname_np(errno) : "");
	must(used() && misused() && used(), "use");
	pthread_attr_t attributes;
	pthread_t other;
	must(!pthread_attr_init(&attributes), "attributes");
	must(!pthread_attr_setstacksize(&attributes, 65536), "stack size");
	must(!pthread_create(&other, &attributes, thread, NULL), "pthread_create");
	pthread_join(other, NULL);
	dprintf(1, "locked done\n");
	return 0;
}

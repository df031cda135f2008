/* As a library before a sanitized one: the sanitizers' own start calls setrlimit, and would run
 * into instrumented code before they are ready for it. As a program: sets a limit. */
#include "use.h"

#ifdef LIBRARY
int setrlimit(__rlimit_resource_t resource, const struct rlimit *limit)
{
	return (int)syscall(SYS_prlimit64, 0, resource, limit, NULL);
}
#else
int main(void)
{
	struct rlimit limit = {0, 0};
	must(!setrlimit(RLIMIT_CORE, &limit) && used(), "setrlimit");
	dprintf(1, "limit done\n");
	return 0;
}
#endif

/* jail chroot|setuid|both: gives up its root folder or its user, then misuses. */
#include "use.h"

#include <grp.h>
#include <sys/stat.h>

int main(int count, char **arguments)
{
	must(count == 2, "usage: jail chroot|setuid|both");
	bool both = strcmp(arguments[1], "both") == 0;
	must(used(), "before");
	if (both || strcmp(arguments[1], "chroot") == 0)
		must(!mkdir("empty", 0755) && !chroot("empty") && !chdir("/"), "chroot");
	if (both || strcmp(arguments[1], "setuid") == 0)
		must(!setgroups(0, NULL) && !setgid(65534) && !setuid(65534), "setuid");
	must(misused() && used(), "after");
	dprintf(1, "jail done\n");
	return 0;
}

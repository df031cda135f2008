/* plugin WAY LIBRARY: opens this very file, compiled as a library, in ways that hide its calls from
 * a preloaded library or take them away again, and lets it use and misuse. */
#include "use.h"

#include <dlfcn.h>

int plugin_work(void);

int plugin_work(void)
{
	return used() && misused() && used();
}

static void *opened(const char *way, const char *path)
{
	if (strcmp(way, "namespace") == 0)
		return dlmopen(LM_ID_NEWLM, path, RTLD_NOW);
	if (strcmp(way, "deepbind") == 0)
		return dlopen(path, RTLD_NOW | RTLD_DEEPBIND);
	return dlopen(path, strcmp(way, "lazy") == 0 ? RTLD_LAZY : RTLD_NOW | RTLD_LOCAL);
}

int main(int count, char **arguments)
{
	must(count == 3, "usage: plugin namespace|deepbind|lazy|unload LIBRARY");
	for (int i = 0; i < 3; i++) {
		void *library = opened(arguments[1], arguments[2]);
		int (*work)(void) = library ? (int (*)(void))dlsym(library, "plugin_work") : NULL;
		if (!work) {
			dprintf(1, "failed: %s\n", dlerror());
			return 1;
		}
		must(work() && used() && misused(), "work");
		must(strcmp(arguments[1], "unload") != 0 || dlclose(library) == 0, "dlclose");
	}
	must(used() && misused(), "afterwards");
	dprintf(1, "plugin done\n");
	return 0;
}

/* Right and wrong calls and nothing else: for other linkages, libraries and environments. */
#include "use.h"

int main(void)
{
	must(used(), "use");
	must(misused(), "misuse");
	must(used(), "use after misuse");
	dprintf(1, "plain done\n");
	return 0;
}

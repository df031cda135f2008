/* Opens the shadow to tests. */
#include "inspect.h"

#include "interest.h"
#include "interpose.h"

INTERPOSE int pollcheck_interest_list(
	int epfd, void (*visit)(const struct pollcheck_entry *, void *), void *argument)
{
	uint16_t instance = interest_instance(epfd, false);
	if (!instance)
		return -1;
	interest_each(instance, visit, argument);
	return 0;
}

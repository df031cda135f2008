/* poll(2): every mask of 16 bits. What comes back is what was asked for and true, and POLLERR,
 * POLLHUP and POLLNVAL where they are true, asked for or not. */
#include "sweep.h"

#include <errno.h>

void sweep_poll(const struct state *state, int fd, struct extent extent, struct account *account)
{
	for (uint32_t mask = extent.offset; mask <= 0xffff; mask += extent.every) {
		struct pollfd asked = {fd, (short)mask, (short)~state->truth};
		uint32_t expected = state->truth & (mask | POLLERR | POLLHUP | POLLNVAL);
		int result = poll(&asked, 1, 0);
		int64_t answered = result < 0 ? -errno : (uint16_t)asked.revents;
		if (result >= 0 && result != (asked.revents != 0))
			answered = -EPROTO; /* a count that does not fit the answer */
		compare(account, POLL, mask, expected, answered);
	}
}

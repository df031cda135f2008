/* What is compared after each step. */
#include "run.h"

#include "inspect.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* --- 1 and 3: the answer of the step --- */

static int add_answer(char *text, size_t size, const struct answer *a)
{
	int used = snprintf(text, size, "%ld%s%s", a->result, a->error ? " " : "",
		a->error ? strerrorname_np(a->error) : "");
	for (long i = 0; i < a->result && i < EVENTS && a->events[i].events; i++)
		used += snprintf(text + used, size - (size_t)used, " {%#x, %#llx}",
			a->events[i].events, (unsigned long long)a->events[i].data.u64);
	return used;
}

bool differs_from_model(
	const struct answer *expected, const struct answer *seen, char *text, size_t size)
{
	bool same = expected->result == seen->result && expected->error == seen->error;
	for (long i = 0; same && i < EVENTS; i++)
		same = expected->events[i].events == seen->events[i].events &&
		       expected->events[i].data.u64 == seen->events[i].data.u64;
	if (same)
		return false;
	int used = snprintf(text, size, "expected ");
	used += add_answer(text + used, size - (size_t)used, expected);
	used += snprintf(text + used, size - (size_t)used, ", answered ");
	add_answer(text + used, size - (size_t)used, seen);
	return true;
}

/* --- 2: poll, select and level-triggered epoll say the same --- */

enum { EVERYTHING = 0x3fff };

static uint32_t truth_of(int number)
{
	int file = model.number[number];
	return file < 0 ? POLLNVAL : model_poll(file) & EVERYTHING;
}

static bool poll_differs(const struct system *system, const struct step *s, uint32_t *truths,
	char *text, size_t size)
{
	uint32_t any = 0;
	struct pollfd fds[NUMBERS];
	for (int i = 0; i < NUMBERS; i++)
		fds[i] = (struct pollfd){base + i, EVERYTHING, 0};
	for (int i = 0; i < NUMBERS; i++)
		any |= truths[i] = truth_of(i);
	/* a poll for 0 milliseconds is a probe to the library, another a wait; the engine's clock
	 * interrupts both */
	int patience = any && (s->how & 8) ? 500 : 0;
	TEMP_FAILURE_RETRY(system->poll(fds, NUMBERS, patience));
	for (int i = 0; i < NUMBERS; i++) {
		if ((uint16_t)fds[i].revents == truths[i])
			continue;
		snprintf(text, size, "fd %d: expected %#x, poll says %#x", base + i, truths[i],
			(unsigned)(uint16_t)fds[i].revents);
		return true;
	}
	return false;
}

/* Those that are open, for one that is not makes it fail. */
static bool select_differs(
	const struct system *system, const uint32_t *truths, char *text, size_t size)
{
	static const uint32_t bits[3] = {POLLIN | POLLRDNORM | POLLRDBAND | POLLHUP | POLLERR,
		POLLOUT | POLLWRNORM | POLLWRBAND | POLLERR, POLLPRI};
	uint32_t expected[3] = {0}, answered[3] = {0};
	fd_set sets[3];
	for (int set = 0; set < 3; set++)
		FD_ZERO(&sets[set]);
	for (int i = 0; i < NUMBERS; i++)
		for (int set = 0; set < 3 && truths[i] != POLLNVAL; set++) {
			FD_SET(base + i, &sets[set]);
			expected[set] |= truths[i] & bits[set] ? 1u << i : 0;
		}
	int result =
		TEMP_FAILURE_RETRY(system->select(base + NUMBERS, &sets[0], &sets[1], &sets[2]));
	for (int i = 0; i < NUMBERS; i++)
		for (int set = 0; set < 3; set++)
			answered[set] |= FD_ISSET(base + i, &sets[set]) ? 1u << i : 0;
	int count = 0;
	for (int set = 0; set < 3; set++)
		count += __builtin_popcount(expected[set]);
	if (memcmp(expected, answered, sizeof(expected)) == 0 && result == count)
		return false;
	snprintf(text, size, "from fd %d: expected %#x %#x %#x (%d), select says %#x %#x %#x (%d)",
		base, expected[0], expected[1], expected[2], count, answered[0], answered[1],
		answered[2], result);
	return true;
}

/* An instance of our own, below base; instances are left out, as another level may be one too many.
 */
static bool epoll_differs(int number, uint32_t truth, char *text, size_t size)
{
	struct epoll_event event = {EVERYTHING, {.u64 = 0}};
	int file = model.number[number], fd = base + number;
	if (file < 0 || model.files[file].kind == INSTANCE || model.files[file].kind == PLAIN_FILE)
		return false;
	bare_call(SYS_epoll_ctl, PROBE, EPOLL_CTL_ADD, fd, &event);
	long count = bare_call(SYS_epoll_pwait, PROBE, &event, 1, 0, NULL, 8L);
	bare_call(SYS_epoll_ctl, PROBE, EPOLL_CTL_DEL, fd, &event);
	uint32_t answered = count == 1 ? event.events : 0;
	if (answered == truth)
		return false;
	snprintf(text, size, "fd %d: poll says %#x, epoll %#x", fd, truth, answered);
	return true;
}

bool interfaces_differ(const struct system *system, const struct step *s, char *text, size_t size)
{
	uint32_t truths[NUMBERS];
	return poll_differs(system, s, truths, text, size) ||
	       select_differs(system, truths, text, size) ||
	       (system == &bare && epoll_differs(s->a, truths[s->a], text, size));
}

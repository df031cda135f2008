/* Target: struct call in strace's notation. Whatever was asked and answered, the text is one line
 * of printable characters that begins with the call and ends with its result, cut or not. */
#include "target.h"

#include "render_call.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const target_name = "calls";

void target_begins(void)
{
}

enum { ENTRIES = 40 };

/* Memory the call's pointers lead to; some lead nowhere, as only a call that failed may have. */
static struct {
	struct epoll_event events[ENTRIES];
	struct pollfd fds[ENTRIES];
	unsigned long sets[3][FD_SETSIZE / SET_WORD];
	struct asked asked;
	struct timespec timeout;
	uint64_t sigmask;
} memory;

struct input {
	const uint8_t *bytes;
	size_t size;
};

static void take(struct input *in, void *to, size_t size)
{
	size_t given = size < in->size ? size : in->size;
	memset(to, 0, size);
	memcpy(to, in->bytes, given);
	in->bytes += given;
	in->size -= given;
}

static uint64_t number(struct input *in, size_t size)
{
	uint64_t value = 0;
	take(in, &value, size);
	return value;
}

static const void *pointer(struct input *in, const struct call *c, const void *there)
{
	unsigned which = (unsigned)number(in, 1) % 8;
	if (which == 0)
		return NULL;
	return which == 1 && c->result < 0 ? (const void *)16 : there;
}

static const void *array_of(const struct call *c)
{
	return *calls[c->id].roles == 'P' ? (const void *)memory.fds : memory.events;
}

/* A result the kernel could give: no more than there was room for. */
static void answer(struct input *in, struct call *c)
{
	c->result = (int64_t)(number(in, 1) % (ENTRIES + 2)) - 1;
	c->error = c->result < 0 ? 1 + (int32_t)(number(in, 1) % 40) : 0;
	if (c->result > c->nfds && c->result > 0)
		c->result = c->nfds > 0 ? c->nfds : 0;
}

/* One that has arguments to show. */
static enum call_id shown_call(struct input *in)
{
	int id = (int)number(in, 1) % CALLS;
	while (!*calls[id].roles)
		id = (id + 1) % CALLS;
	return (enum call_id)id;
}

static struct call call_of(struct input *in)
{
	struct call c;
	call_begun(&c, shown_call(in), NULL);
	c.epfd = (int32_t)number(in, 2) - 2;
	c.fd = (int32_t)number(in, 4);
	c.op = (int32_t)number(in, 1) - 1;
	c.nfds = (int64_t)number(in, 1) % ENTRIES;
	answer(in, &c);
	if (c.result < 0)
		c.nfds = (int32_t)number(in, 4);
	c.unit = (enum timeout_unit)(number(in, 1) % 4);
	c.milliseconds = (int32_t)number(in, 4);
	c.size = number(in, 8);
	c.array = pointer(in, &c, array_of(&c));
	if (!c.array && c.result >= 0)
		c.nfds = c.result = 0;
	for (int i = 0; i < 3; i++)
		c.sets[i] = (fd_set *)pointer(in, &c, memory.sets[i]);
	c.timeout = pointer(in, &c, &memory.timeout);
	c.sigmask = pointer(in, &c, &memory.sigmask);
	c.asked = number(in, 1) & 1 ? &memory.asked : NULL;
	bool pending = number(in, 1) % 8 == 1;
	take(in, &memory, sizeof(memory)); /* last, for an input need not be that long */
	memory.asked.set_known[0] = memory.asked.set_known[1] = memory.asked.set_known[2] = true;
	memory.asked.timeout_known = true;
	memory.asked.awaited = false;
	memory.asked.pending = pending && c.asked;
	return c;
}

static void check(const struct call *c, size_t room, int most)
{
	char text[16384];
	struct text t = {.start = text, .size = room};
	render_call(&t, c, most);
	size_t length = strlen(text), name = strlen(calls[c->id].name);
	if (length >= room || length != t.used)
		target_lost("the length is wrong: %s", text);
	for (size_t i = 0; i < length; i++)
		if (text[i] < ' ' || text[i] > '~')
			target_lost("not printable: %s", text);
	if (t.cut)
		return;
	if (strncmp(text, calls[c->id].name, name) != 0 || text[name] != '(')
		target_lost("it does not begin with the call: %s", text);
	bool pending = c->asked && c->asked->pending;
	if (*calls[c->id].roles && !strstr(text, pending         ? ") = ?"
						 : c->result < 0 ? ") = -1 E"
								 : ") = "))
		target_lost("it has no result: %s", text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct input in = {bytes, size};
	target_given(bytes, size);
	size_t room = number(&in, 1) & 1 ? 16384 : 1 + number(&in, 1);
	int most = (int)(number(&in, 1) % 36);
	struct call c = call_of(&in);
	check(&c, room, most);
	return 0;
}

/* Numbers and what holds a description; each step of a program. */
#include "model.h"

#include <errno.h>
#include <string.h>

struct model model;
bool model_company;

struct answer failed(int error)
{
	return (struct answer){.result = -1, .error = error};
}

struct answer returned(long result)
{
	return (struct answer){.result = result};
}

void model_begins(void)
{
	model.files_used = model.items_used = 0;
	model.child = false;
	for (int i = 0; i < NUMBERS; i++)
		model.number[i] = -1;
}

/* --- numbers --- */

static int lowest_free(int from)
{
	while (from < NUMBERS && model.number[from] >= 0)
		from++;
	return from;
}

static int free_numbers(void)
{
	int count = 0;
	for (int i = 0; i < NUMBERS; i++)
		count += model.number[i] < 0;
	return count;
}

int model_number_of(int file)
{
	for (int i = 0; i < NUMBERS; i++)
		if (model.number[i] == file)
			return i;
	return -1;
}

/* Not a write that fills up a sender's buffer: how soon is the kernel's business. */
static bool allows_write(const struct step *s, int file)
{
	int peer = file < 0 ? -1 : model.files[file].peer;
	return peer < 0 || (model.files[peer].messages < MESSAGES && model_allows_tcp(s, file));
}

/* Of several events a waiting thread may get the first alone: only one may come. */
static bool allows_meanwhile(const struct step *s)
{
	int instance = model.number[s->a], other = model.number[s->b];
	struct step what = step_meanwhile(s);
	if (!model_company || instance < 0 || other < 0 || other == instance)
		return false;
	enum kind kind = model.files[other].kind;
	if ((kind == CONNECTION || kind == LISTENER) &&
		(what.operation == CLOSE || !model_only_sends(other)))
		return false;
	return model.files[instance].kind == INSTANCE && model_has_one_item(instance) &&
	       !model_poll(instance) && allows_write(&what, other);
}

static bool allows_connect(int file)
{
	return file >= 0 && model.files[file].kind == LISTENER &&
	       model.files[file].messages < QUEUED && free_numbers() >= 1;
}

bool model_allows(const struct step *s)
{
	if (model.files_used + 2 > FILES || model.items_used == ITEMS)
		return false;
	switch (s->operation) {
	case MAKE_PIPE:
	case MAKE_SOCKETS:
	case MAKE_CONNECTION:
		return free_numbers() >= 2;
	case CONNECT:
		return allows_connect(model.number[s->b]);
	case ACCEPT:
		return free_numbers() >= 1;
	case DUPLICATE:
		return lowest_free(s->how & 1 ? s->b : 0) < NUMBERS;
	case FORK: /* it takes as long as a hundred other steps: three in four are left out */
		return !model.child && s->how % 4 == 0;
	case CHILD_ENDS:
		return model.child;
	case WRITE:
		return allows_write(s, model.number[s->a]);
	case SHUTDOWN:
		return model.number[s->a] < 0 || model_allows_tcp(s, model.number[s->a]);
	case WAIT_MEANWHILE:
		return allows_meanwhile(s);
	default:
		return s->operation > MAKE_FILE || free_numbers() >= 1;
	}
}

static int named(int file, int number)
{
	model.number[number] = file;
	model.files[file].holders++;
	return base + number;
}

static int described(enum kind kind)
{
	struct file *f = &model.files[model.files_used];
	memset(f, 0, sizeof(*f));
	f->kind = kind;
	f->peer = f->queue = -1;
	return model.files_used++;
}

static struct answer made(enum kind kind)
{
	return returned(named(described(kind), lowest_free(0)));
}

/* The first of both. */
static int described_pair(enum kind one, enum kind other)
{
	int first = described(one), second = described(other);
	model.files[first].peer = second;
	model.files[second].peer = first;
	return first;
}

static struct answer made_pair(enum kind one, enum kind other)
{
	int first = described_pair(one, other), second = model.files[first].peer;
	named(first, lowest_free(0));
	named(second, lowest_free(0));
	return returned(0);
}

static struct answer connected(int listener)
{
	int first = described_pair(CONNECTION, CONNECTION);
	model_queued(listener, model.files[first].peer);
	return returned(named(first, lowest_free(0)));
}

static struct answer accepted(int listener)
{
	enum kind kind = listener < 0 ? NO_FILE : model.files[listener].kind;
	if (kind == NO_FILE)
		return failed(EBADF);
	if (kind != LISTENER)
		return failed(kind == SOCKET || kind == CONNECTION ? EINVAL : ENOTSOCK);
	int file = model_dequeued(listener);
	return file < 0 ? failed(EAGAIN) : returned(named(file, lowest_free(0)));
}

/* --- the end of a description --- */

static void release(int file)
{
	struct file *f = &model.files[file];
	if (--f->holders)
		return;
	model_file_ended(file);
	model_released(file);
	f->kind = NO_FILE;
}

static struct answer close_number(int number)
{
	int file = model.number[number];
	if (file < 0)
		return failed(EBADF);
	model.number[number] = -1;
	release(file);
	return returned(0);
}

static struct answer reset(int file, int number)
{
	if (file >= 0)
		model.files[file].abrupt = true;
	return close_number(number);
}

/* What is closed in one system call is let go at its end, the last first (fs/file_table.c, fput;
 * kernel/task_work.c). */
static struct answer close_range_of(const struct step *s)
{
	if (s->a > s->b)
		return failed(EINVAL);
	for (int i = s->b; i >= s->a; i--)
		close_number(i);
	return returned(0);
}

static struct answer duplicate_to(const struct step *s)
{
	int file = model.number[s->a], was = model.number[s->b];
	if (s->a == s->b && (s->how & 1)) /* dup3(2) */
		return failed(EINVAL);
	if (file < 0)
		return failed(EBADF);
	if (s->a == s->b)
		return returned(base + s->b);
	named(file, s->b);
	if (was >= 0)
		release(was);
	return returned(base + s->b);
}

/* --- a child that holds copies --- */

static struct answer forked(void)
{
	model.child = true;
	for (int i = 0; i < NUMBERS; i++)
		if ((model.child_number[i] = model.number[i]) >= 0)
			model.files[model.number[i]].holders++;
	return returned(0);
}

static struct answer child_ended(void)
{
	model.child = false;
	for (int i = NUMBERS - 1; i >= 0; i--) /* as with close_range */
		if (model.child_number[i] >= 0)
			release(model.child_number[i]);
	return returned(0);
}

static struct answer waited_meanwhile(const struct step *s)
{
	struct step other = step_meanwhile(s);
	model_step(&other);
	return model_wait(s, EVENTS);
}

struct answer model_step(const struct step *s)
{
	int file = model.number[s->a];
	switch (s->operation) {
	case MAKE_PIPE:
		return made_pair(PIPE_READ, PIPE_WRITE);
	case MAKE_SOCKETS:
		return made_pair(SOCKET, SOCKET);
	case MAKE_CONNECTION:
		return made_pair(CONNECTION, CONNECTION);
	case MAKE_LISTENER:
		return made(LISTENER);
	case MAKE_COUNTER:
		return made(COUNTER);
	case MAKE_INSTANCE:
		return made(INSTANCE);
	case MAKE_FILE:
		return made(PLAIN_FILE);
	case CONNECT:
		return connected(model.number[s->b]);
	case ACCEPT:
		return accepted(file);
	case DUPLICATE:
		return file < 0 ? failed(EBADF)
				: returned(named(file, lowest_free(s->how & 1 ? s->b : 0)));
	case DUPLICATE_TO:
		return duplicate_to(s);
	case CLOSE:
		return close_number(s->a);
	case CLOSE_RANGE:
		return close_range_of(s);
	case RESET:
		return reset(file, s->a);
	case WRITE:
		return file < 0 ? failed(EBADF) : model_write(file, s);
	case READ:
		return file < 0 ? failed(EBADF) : model_read(file, s);
	case SHUTDOWN:
		return file < 0 ? failed(EBADF) : model_shut(file, s);
	case FORK:
		return forked();
	case CHILD_ENDS:
		return child_ended();
	case WAIT:
		return model_wait(s, maxevents_of(s));
	case WAIT_MEANWHILE:
		return waited_meanwhile(s);
	default:
		return model_ctl(s);
	}
}

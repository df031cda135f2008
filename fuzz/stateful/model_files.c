/* What each kind of file answers and announces. */
#include "model.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#define R    (POLLIN | POLLRDNORM)
#define W    (POLLOUT | POLLWRNORM)
#define PAGE 4096 /* of a pipe made as small as it goes */

/* --- what is true --- */

static uint32_t poll_socket(const struct file *f)
{
	uint32_t mask = W | POLLWRBAND;
	mask |= f->deaf ? R | POLLRDHUP : 0;
	mask |= f->deaf && f->shut ? POLLHUP : 0;
	mask |= f->messages ? R : 0;
	return mask | (f->error ? POLLERR : 0);
}

uint32_t model_poll(int file)
{
	struct file *f = &model.files[file], *peer = f->peer < 0 ? NULL : &model.files[f->peer];
	switch (f->kind) {
	case PIPE_READ:
		return (f->end > f->begin ? R : 0) | (f->peer_gone ? POLLHUP : 0);
	case PIPE_WRITE:
		return (peer->end > peer->begin ? 0 : W) | (f->peer_gone ? POLLERR : 0);
	case COUNTER:
		return (f->counter ? POLLIN : 0) | (f->counter < UINT64_MAX - 1 ? POLLOUT : 0);
	case SOCKET:
		return poll_socket(f);
	case CONNECTION:
		return model_poll_connection(f);
	case LISTENER:
		return model_poll_listener(f);
	case INSTANCE:
		return model_poll_instance(f);
	default:
		return R | W;
	}
}

/* --- the end of a description --- */

static void pipe_end_released(struct file *f)
{
	if (model.files[f->peer].peer_gone) /* both are gone: nobody is left to be told */
		return;
	model.files[f->peer].peer_gone = true;
	model_changed(f->peer, 0);
}

static void socket_released(struct file *f)
{
	struct file *peer = &model.files[f->peer];
	peer->peer_gone = peer->deaf = peer->shut = true;
	peer->error = f->messages ? ECONNRESET : peer->error;
	model_changed(f->peer, 0);
}

void model_released(int file)
{
	struct file *f = &model.files[file];
	if (f->kind == PIPE_READ || f->kind == PIPE_WRITE)
		pipe_end_released(f);
	if (f->kind == SOCKET)
		socket_released(f);
	if (f->kind == CONNECTION || f->kind == LISTENER)
		model_released_tcp(file);
}

/* --- read and write --- */

/* A small write goes into the page that is there, if it fits behind; a failed one wakes, too. */
static struct answer write_pipe(struct file *f, int size)
{
	struct file *buffer = &model.files[f->peer];
	bool empty = buffer->end == buffer->begin;
	struct answer answer = returned(size);
	if (f->peer_gone)
		answer = failed(EPIPE);
	else if (empty)
		buffer->begin = 0, buffer->end = size;
	else if (size < PAGE && buffer->end + size <= PAGE)
		buffer->end += size;
	else
		answer = failed(EAGAIN);
	if (!f->peer_gone)
		model_changed(f->peer, R);
	return answer;
}

static struct answer read_pipe(int file, int size)
{
	struct file *f = &model.files[file];
	int there = f->end - f->begin, taken = there < size ? there : size;
	if (!there)
		return f->peer_gone ? returned(0) : failed(EAGAIN);
	f->begin += taken;
	if (f->begin == f->end && !f->peer_gone)
		model_changed(f->peer, W);
	return returned(taken);
}

static struct answer write_counter(int file, uint64_t by)
{
	struct file *f = &model.files[file];
	if (UINT64_MAX - f->counter <= by)
		return failed(EAGAIN);
	f->counter += by;
	model_changed(file, POLLIN);
	return returned(8);
}

static struct answer read_counter(int file)
{
	if (!model.files[file].counter)
		return failed(EAGAIN);
	model.files[file].counter = 0;
	model_changed(file, POLLOUT);
	return returned(8);
}

/* The first to ask learns it: that the peer closed with something unread (unix(7)), say. */
struct answer model_told_error(struct file *f)
{
	int error = f->error;
	f->error = 0;
	return failed(error);
}

int model_taken(struct file *f, int size)
{
	int taken = size == SMALL ? 1 : LARGE / SMALL;
	taken = taken < f->messages ? taken : f->messages;
	f->messages -= taken;
	return taken * SMALL;
}

static struct answer write_socket(int file)
{
	struct file *f = &model.files[file];
	if (f->shut)
		return failed(EPIPE);
	if (model.files[f->peer].deaf) {
		model_changed(file, W | POLLWRBAND); /* the buffer taken is given back */
		return failed(EPIPE);
	}
	model.files[f->peer].messages++;
	model_changed(f->peer, R | POLLPRI | POLLRDBAND);
	return returned(SMALL);
}

static struct answer read_socket(int file, int size)
{
	struct file *f = &model.files[file];
	if (!f->messages && f->error)
		return model_told_error(f);
	if (!f->messages)
		return f->deaf ? returned(0) : failed(EAGAIN);
	int taken = model_taken(f, size);
	if (!f->peer_gone)
		model_changed(f->peer, W | POLLWRBAND);
	return returned(taken);
}

static struct answer shut_socket(int file, int how)
{
	struct file *f = &model.files[file], *peer = &model.files[f->peer];
	f->deaf |= how != SHUT_WR;
	f->shut |= how != SHUT_RD;
	model_changed(file, 0);
	if (f->peer_gone)
		return returned(0);
	peer->shut |= how != SHUT_WR;
	peer->deaf |= how != SHUT_RD;
	model_changed(f->peer, 0);
	return returned(0);
}

size_t model_writes(const struct step *s)
{
	enum kind kind = model.number[s->a] < 0 ? NO_FILE : model.files[model.number[s->a]].kind;
	if (kind == COUNTER)
		return sizeof(uint64_t);
	return (size_t)(kind == SOCKET || kind == CONNECTION ? SMALL : BLOCK(s));
}

struct answer model_write(int file, const struct step *s)
{
	switch (model.files[file].kind) {
	case PIPE_WRITE:
		return write_pipe(&model.files[file], BLOCK(s));
	case COUNTER:
		return write_counter(file, s->how & 1 ? UINT64_MAX - 1 : s->how >> 7);
	case SOCKET:
		return write_socket(file);
	case CONNECTION:
	case LISTENER:
		return model_write_tcp(file);
	case PLAIN_FILE:
		return returned(BLOCK(s));
	default:
		return failed(model.files[file].kind == PIPE_READ ? EBADF : EINVAL);
	}
}

struct answer model_read(int file, const struct step *s)
{
	switch (model.files[file].kind) {
	case PIPE_READ:
		return read_pipe(file, BLOCK(s));
	case COUNTER:
		return read_counter(file);
	case SOCKET:
		return read_socket(file, BLOCK(s));
	case CONNECTION:
	case LISTENER:
		return model_read_tcp(file, BLOCK(s));
	case PLAIN_FILE:
		return returned(0);
	default:
		return failed(model.files[file].kind == PIPE_WRITE ? EBADF : EINVAL);
	}
}

struct answer model_shut(int file, const struct step *s)
{
	int how = (int)(s->how % 3);
	switch (model.files[file].kind) {
	case SOCKET:
		return shut_socket(file, how);
	case CONNECTION:
	case LISTENER:
		return model_shut_tcp(file, how);
	default:
		return failed(ENOTSOCK);
	}
}

/* Connections over TCP and who listens for them, on the loopback interface: what one end sends has
 * arrived at the other when the call returns (see settle.c).
 *
 * Between two calls an end is established; or has sent its FIN (shut); or has received the peer's
 * (finished); or is closed, by both FINs, a reset, or because it stopped listening. It is readable
 * and says RDHUP while it receives no more (deaf: finished, or shut so itself), readable too while
 * something is unread, hangs up when both directions are shut or it is closed, and is writable at
 * all times, for its buffer never fills up here; an error is ERR until someone is told. Who listens
 * is readable while a connection waits to be accepted. (tcp(7), poll(2); tcp_poll in Linux.)
 *
 * Every change of state tells all watchers, a segment that came those who wait for input. */
#include "model.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#define R (POLLIN | POLLRDNORM)
#define W (POLLOUT | POLLWRNORM)

enum { INPUT = R | POLLPRI | POLLRDBAND }; /* what a segment announces */

uint32_t model_poll_connection(const struct file *f)
{
	uint32_t mask = W;
	mask |= f->deaf ? R | POLLRDHUP : 0;
	mask |= f->messages ? R : 0;
	mask |= f->closed || (f->deaf && f->shut) ? POLLHUP : 0;
	return mask | (f->error ? POLLERR : 0);
}

uint32_t model_poll_listener(const struct file *f)
{
	return f->messages ? R : 0;
}

/* --- what arrives --- */

static void arrived(int file, uint32_t key)
{
	model.files[file].moved = true;
	model_changed(file, key);
}

static bool gone(int file)
{
	return model.files[file].kind == NO_FILE;
}

static void end(int file)
{
	struct file *f = &model.files[file];
	if (gone(file))
		return;
	f->closed = f->deaf = f->shut = true;
	f->unacknowledged = false;
	arrived(file, 0);
}

/* Who knows that the peer has finished, and has not finished itself, has a broken pipe. */
static void receive_reset(int file)
{
	struct file *f = &model.files[file];
	if (gone(file) || f->closed)
		return;
	f->error = f->finished && !f->shut ? EPIPE : ECONNRESET;
	end(file);
}

/* When both have, both are closed: the kernel alone remembers the connection, in TIME_WAIT. */
static void send_fin(int file)
{
	struct file *f = &model.files[file], *peer = &model.files[f->peer];
	f->shut = true;
	peer->finished = peer->deaf = true;
	if (gone(f->peer) || peer->shut) {
		end(f->peer);
		end(file);
		return;
	}
	f->unacknowledged = true;
	arrived(f->peer, 0);
}

/* --- the end of a description --- */

static void end_connection(int file)
{
	struct file *f = &model.files[file];
	if (f->closed)
		return;
	if (f->messages || f->abrupt) /* lost data is told of by a reset (RFC 2525) */
		receive_reset(f->peer);
	else if (!f->shut)
		send_fin(file);
}

/* Those nobody accepted are reset, in the order they came. */
static void stop_listening(int file)
{
	for (int i = 0; i < model.files_used; i++) {
		struct file *f = &model.files[i];
		if (f->queue != file)
			continue;
		f->queue = -1;
		receive_reset(f->peer);
		f->kind = NO_FILE;
	}
	model.files[file].messages = 0;
}

void model_released_tcp(int file)
{
	if (model.files[file].kind == LISTENER)
		stop_listening(file);
	else
		end_connection(file);
}

/* --- a listener's queue --- */

void model_queued(int listener, int file)
{
	model.files[file].queue = listener;
	model.files[listener].messages++;
	arrived(listener, INPUT);
}

int model_dequeued(int listener)
{
	for (int i = 0; i < model.files_used; i++)
		if (model.files[i].queue == listener) {
			model.files[i].queue = -1;
			model.files[i].moved = true; /* what it was sent meanwhile */
			model.files[listener].messages--;
			return i;
		}
	return -1;
}

/* --- read, write, shut down --- */

struct answer model_write_tcp(int file)
{
	struct file *f = &model.files[file], *peer = &model.files[f->peer < 0 ? file : f->peer];
	if (f->error)
		return model_told_error(f);
	if (f->kind == LISTENER || f->shut || f->closed)
		return failed(EPIPE);
	if (gone(f->peer) || (peer->shut && peer->deaf)) { /* nobody can read it: RFC 1122 */
		receive_reset(f->peer);
		receive_reset(file);
		return returned(SMALL);
	}
	if (peer->unacknowledged) /* what comes to it acknowledges its FIN, too */
		model_acknowledged(f->peer);
	peer->messages++;
	arrived(f->peer, INPUT);
	return returned(SMALL);
}

struct answer model_read_tcp(int file, int size)
{
	struct file *f = &model.files[file];
	if (f->kind == LISTENER)
		return failed(ENOTCONN);
	if (f->messages)
		return returned(model_taken(f, size));
	if (f->error && !f->finished)
		return model_told_error(f);
	if (f->deaf)
		return returned(0);
	return failed(f->closed ? ENOTCONN : EAGAIN);
}

static struct answer shut_connection(int file, int how)
{
	struct file *f = &model.files[file];
	bool was_closed = f->closed;
	f->deaf |= how != SHUT_WR;
	if (how != SHUT_RD && !f->shut && !was_closed)
		send_fin(file);
	f->shut |= how != SHUT_RD;
	model_changed(file, 0);
	return was_closed ? failed(ENOTCONN) : returned(0);
}

/* It receives no more: a closed socket is left of it. */
struct answer model_shut_tcp(int file, int how)
{
	struct file *f = &model.files[file];
	if (f->kind == CONNECTION)
		return shut_connection(file, how);
	if (how != SHUT_WR) {
		stop_listening(file);
		f->kind = CONNECTION;
		f->closed = true;
	}
	model_changed(file, 0);
	return returned(0);
}

/* --- what comes when it likes --- */

/* The peer's kernel acknowledges a FIN at once or up to some 40 ms later, and that, too, is a
 * change of state. */
void model_acknowledged(int file)
{
	model.files[file].unacknowledged = false;
	model_changed(file, 0);
}

/* Whether the peer can be asked what has come to it, as it has a number here, or has not to. */
static bool can_be_asked(int file)
{
	const struct file *f = &model.files[file];
	return f->closed || gone(f->peer) || model_number_of(f->peer) >= 0;
}

/* Few are on their way: a sender may have ten segments out before the first is acknowledged. */
enum { SEGMENTS = 8 };

bool model_allows_tcp(const struct step *s, int file)
{
	const struct file *f = &model.files[file];
	bool queued = f->peer >= 0 && model.files[f->peer].queue >= 0;
	if (f->kind != CONNECTION)
		return true;
	if (s->operation == SHUTDOWN)
		return s->how % 3 == SHUT_RD || can_be_asked(file);
	return f->closed ||
	       ((queued || can_be_asked(file)) && model.files[f->peer].messages < SEGMENTS);
}

/* Whether a write changes the peer, once. */
bool model_only_sends(int file)
{
	const struct file *f = &model.files[file], *peer;
	if (f->kind != CONNECTION || f->closed || f->shut || gone(f->peer))
		return false;
	peer = &model.files[f->peer];
	return !(peer->shut && peer->deaf) && !peer->unacknowledged;
}

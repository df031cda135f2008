/* What is sent over the loopback interface has arrived, as a rule, when the call returns: the
 * packet is received by the sender's own processor, on its way out. A processor that is busy with
 * others' packets leaves it for later, and some acknowledgements wait for a timer. So what a step
 * sent is awaited, by state, and never for a time. */
#include "run.h"

#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <time.h>

enum { PATIENCE = 500, EVERYTHING = 0x3fff };

static struct tcp_info info_of(int fd)
{
	struct tcp_info info = {0};
	socklen_t size = sizeof(info);
	bare_call(SYS_getsockopt, fd, IPPROTO_TCP, TCP_INFO, &info, &size);
	return info;
}

static long milliseconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* How many messages or connections are in the queue. */
static int queued(int fd, enum kind kind)
{
	int bytes = 0;
	if (kind == LISTENER)
		return (int)info_of(fd).tcpi_unacked;
	bare_call(SYS_ioctl, fd, SIOCINQ, &bytes);
	return bytes / SMALL;
}

static bool arrived(int fd, int file)
{
	struct pollfd asked = {fd, EVERYTHING, 0};
	const struct file *f = &model.files[file];
	bare.poll(&asked, 1, 0);
	return (uint16_t)asked.revents == (model_poll(file) & EVERYTHING) &&
	       queued(fd, f->kind) == f->messages;
}

static void await_arrival(int number)
{
	int file = model.number[number];
	if (file < 0 || !model.files[file].moved)
		return;
	for (long limit = milliseconds() + PATIENCE;
		!arrived(base + number, file) && milliseconds() < limit;)
		sched_yield();
	model.files[file].moved = false;
}

/* A FIN that comes alone is acknowledged by a timer; but at once when its place in the queue has
 * been read and the receiver is told to be quick (tcp(7), TCP_QUICKACK). */
static void hasten(int peer)
{
	char nothing;
	int one = 1, number = model_number_of(peer);
	if (number < 0 || model.files[peer].messages)
		return;
	bare_call(SYS_read, base + number, &nothing, sizeof(nothing));
	bare_call(SYS_setsockopt, base + number, IPPROTO_TCP, TCP_QUICKACK, &one, sizeof(one));
}

static bool is_acknowledged(int number)
{
	return info_of(base + number).tcpi_state != TCP_FIN_WAIT1;
}

static void look_for_acknowledgement(int number)
{
	int file = model.number[number];
	if (file < 0 || !model.files[file].unacknowledged)
		return;
	hasten(model.files[file].peer);
	if (is_acknowledged(number))
		model_acknowledged(file);
}

void connections_settle(void)
{
	for (int i = 0; i < NUMBERS; i++)
		await_arrival(i);
	for (int i = 0; i < NUMBERS; i++)
		look_for_acknowledgement(i);
}

bool connections_overtaken(void)
{
	for (int i = 0; i < model.files_used; i++) {
		int number = model.files[i].unacknowledged ? model_number_of(i) : -1;
		if (model.files[i].unacknowledged && (number < 0 || is_acknowledged(number)))
			return true;
	}
	return false;
}

/* What gives data to a descriptor: amounts, full and broken channels, flags and pointers of each.
 */
#include "show.h"

#include <sys/un.h>

typedef ssize_t write_function(int, const void *, size_t);
typedef ssize_t send_function(int, const void *, size_t, int);

static int ends[2], pair[2], broken[2], event;

static ssize_t raw_write(int fd, const void *data, size_t size)
{
	return syscall(SYS_write, fd, data, size);
}

static ssize_t one_writev(int fd, const void *data, size_t size)
{
	struct iovec part = {(void *)data, size};
	return writev(fd, &part, 1);
}

static const struct {
	const char *name;
	write_function *call;
} writes[] = {
	{"write", write}, {"__write", __write}, {"syscall", raw_write}, {"writev", one_writev}};

static ssize_t to_nobody(int fd, const void *data, size_t size, int flags)
{
	return sendto(fd, data, size, flags, NULL, 0);
}

static ssize_t raw_sendto(int fd, const void *data, size_t size, int flags)
{
	return syscall(SYS_sendto, fd, data, size, flags, NULL, 0);
}

static ssize_t one_sendmsg(int fd, const void *data, size_t size, int flags)
{
	struct iovec part = {(void *)data, size};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
	return sendmsg(fd, &message, flags);
}

static ssize_t one_sendmmsg(int fd, const void *data, size_t size, int flags)
{
	struct iovec part = {(void *)data, size};
	struct mmsghdr message = {.msg_hdr = {.msg_iov = &part, .msg_iovlen = 1}};
	int result = sendmmsg(fd, &message, 1, flags);
	NOTE_LINE("  length %u\n", result == 1 ? message.msg_len : 0);
	return result;
}

static const struct {
	const char *name;
	send_function *call;
} sends[] = {{"send", send}, {"__send", __send}, {"sendto", to_nobody}, {"syscall", raw_sendto},
	{"sendmsg", one_sendmsg}, {"sendmmsg", one_sendmmsg}};

/* What arrived, and room again. */
static void drain(const char *where, int fd)
{
	static char rest[1 << 20];
	ssize_t got, total = 0;
	while ((got = read(fd, rest, sizeof rest)) > 0)
		total += got;
	NOTE_LINE("  %s got %zd\n", where, total);
}

static void told(void)
{
	drain("pipe", ends[0]);
	drain("socket", pair[1]);
	drain("event", event);
	NOTE_LINE("  signals %d\n", (int)signals_seen);
}

static void by_write(const char *name, write_function *call)
{
	const int fds[] = {ends[1], pair[0], broken[1], ends[0], event, CLOSED, -1};
	const size_t sizes[] = {0, 1, 8, 100, 200000};
	static char data[200000];
	for (unsigned i = 0; i < COUNT(fds); i++)
		for (unsigned s = 0; s < COUNT(sizes); s++) {
			SHOW(name, call(fds[i], data, sizes[s]), "%d, %zu", fds[i], sizes[s]);
			told();
		}
	while (write(ends[1], data, 4096) > 0)
		;
	SHOW(name, call(ends[1], data, 1), "full");
	told();
	SHOW(name, call(ends[1], place(0, "0123", 4), 8), "8 of 4 bytes");
	EACH_BAD_POINTER(bad)
	{
		SHOW(name, call(ends[1], bad->pointer, 8), "%s, 8", bad->name);
		SHOW(name, call(ends[1], bad->pointer, 0), "%s, 0", bad->name);
		SHOW(name, call(pair[0], bad->pointer, 8), "socket, %s, 8", bad->name);
		SHOW(name, call(CLOSED, bad->pointer, 8), "closed, %s, 8", bad->name);
	}
	told();
}

static void by_send(const char *name, send_function *call)
{
	const int flags[] = {0, MSG_DONTWAIT, MSG_NOSIGNAL, MSG_MORE, MSG_EOR, MSG_OOB, -1};
	const int fds[] = {pair[0], broken[0], ends[1], CLOSED};
	for (unsigned f = 0; f < COUNT(flags); f++)
		for (unsigned i = 0; i < COUNT(fds); i++) {
			SHOW(name, call(fds[i], "text", 4, flags[f]), "%d, 4, %#x", fds[i],
				flags[f]);
			told();
		}
	EACH_BAD_POINTER(bad)
	{
		SHOW(name, call(pair[0], bad->pointer, 8, 0), "%s", bad->name);
	}
	told();
}

static void vectors(void)
{
	struct iovec parts[] = {{(void *)"abc", 3}, {NULL, 0}, {(void *)"defgh", 5}};
	const int numbers[] = {0, 1, 2, 3, -1, 1025, INT_MAX};
	for (unsigned i = 0; i < COUNT(numbers); i++)
		SHOW("writev", writev(ends[1], parts, numbers[i]), "%d parts", numbers[i]);
	EACH_BAD_POINTER(bad)
	{
		struct iovec part = {bad->pointer, SIZE_MAX};
		SHOW("writev", writev(ends[1], bad->pointer, 1), "%s", bad->name);
		SHOW("writev", writev(ends[1], &part, 1), "{%s, SIZE_MAX}", bad->name);
		SHOW("sendmsg", sendmsg(pair[0], bad->pointer, 0), "%s", bad->name);
		SHOW("sendmmsg", sendmmsg(pair[0], bad->pointer, 1, 0), "%s", bad->name);
		SHOW("sendto", sendto(pair[0], "x", 1, 0, bad->pointer, 16), "to %s", bad->name);
	}
	SHOW("sendmmsg", sendmmsg(pair[0], NULL, 0, 0), "no messages");
	told();
}

typedef ssize_t sendfile_function(int, int, off_t *, size_t);

static void moving(const char *name, sendfile_function *call)
{
	int file = memfd_create("file", 0);
	must(write(file, "0123456789", 10) == 10, "write");
	lseek(file, 2, SEEK_SET);
	const long offsets[] = {0, 4, 10, 100, -1, LONG_MAX};
	for (unsigned i = 0; i < COUNT(offsets); i++)
		SHOW(name, call(pair[0], file, PLACE(0, (off_t){offsets[i]}), 4), "offset %ld",
			offsets[i]);
	SHOW(name, call(ends[1], file, NULL, 3), "own offset");
	NOTE_LINE("  offset %ld\n", (long)lseek(file, 0, SEEK_CUR));
	SHOW(name, call(ends[1], ends[0], NULL, 3), "pipe to pipe");
	SHOW(name, call(CLOSED, file, NULL, 3), "closed");
	SHOW(name, call(pair[0], CLOSED, NULL, 3), "from closed");
	EACH_BAD_POINTER(bad)
	{
		SHOW(name, call(pair[0], file, bad->pointer, 1), "offset %s", bad->name);
	}
	told();
	close(file);
}

static void splicing(void)
{
	int file = memfd_create("file", 0);
	must(write(file, "0123456789", 10) == 10, "write");
	loff_t *offset = PLACE(0, (loff_t){3});
	SHOW("splice", splice(file, offset, ends[1], NULL, 4, SPLICE_F_NONBLOCK), "file to pipe");
	SHOW("splice", splice(ends[0], NULL, pair[0], NULL, 4, SPLICE_F_NONBLOCK), "to socket");
	SHOW("splice", splice(ends[0], NULL, pair[0], NULL, 4, SPLICE_F_NONBLOCK), "empty");
	SHOW("splice", splice(file, NULL, pair[0], NULL, 4, 0), "no pipe");
	SHOW("splice", splice(ends[0], offset, pair[0], NULL, 4, 0), "offset of a pipe");
	SHOW("splice", splice(CLOSED, NULL, ends[1], NULL, 4, 0), "closed");
	SHOW("splice", splice(file, NULL, ends[1], NULL, 4, 999), "bad flags");
	EACH_BAD_POINTER(bad)
	{
		SHOW("splice", splice(file, bad->pointer, ends[1], NULL, 1, SPLICE_F_NONBLOCK),
			"offset %s", bad->name);
	}
	told();
}

static void connecting(void)
{
	const struct {
		const char *name;
		int (*call)(int, const struct sockaddr *, socklen_t);
	} connects[] = {{"connect", connect}, {"__connect", __connect}};
	struct sockaddr_un nobody = {AF_UNIX, "\0pollcheck nobody listens here"};
	for (unsigned i = 0; i < COUNT(connects); i++) {
		int fd = socket(AF_UNIX, SOCK_STREAM, 0);
		struct sockaddr *address = place(0, &nobody, 32);
		SHOW(connects[i].name, connects[i].call(fd, address, 32), "refused");
		SHOW(connects[i].name, connects[i].call(fd, address, 33), "beyond the page");
		SHOW(connects[i].name, connects[i].call(fd, address, 0), "no length");
		SHOW(connects[i].name, connects[i].call(fd, address, 4096), "long");
		SHOW(connects[i].name, connects[i].call(0, address, 32), "not a socket");
		SHOW(connects[i].name, connects[i].call(CLOSED, address, 32), "closed");
		SHOW(connects[i].name, connects[i].call(pair[0], address, 32), "connected");
		EACH_BAD_POINTER(bad)
		{
			SHOW(connects[i].name, connects[i].call(fd, bad->pointer, 16), "%s",
				bad->name);
		}
		close(fd);
	}
}

static void naming(void)
{
	const int fds[] = {pair[0], ends[0], event, CLOSED, -1};
	for (unsigned i = 0; i < COUNT(fds); i++) {
		socklen_t *length = PLACE(1, (socklen_t){32});
		SHOW("getpeername", getpeername(fds[i], place(0, NULL, 32), length), "%d", fds[i]);
	}
	EACH_BAD_POINTER(bad)
	{
		socklen_t *length = PLACE(1, (socklen_t){32});
		SHOW("getpeername", getpeername(pair[0], bad->pointer, length), "%s", bad->name);
		SHOW("getpeername", getpeername(pair[0], place(0, NULL, 32), bad->pointer),
			"length %s", bad->name);
	}
}

static void shutting(void)
{
	int both[2];
	must(!socketpair(AF_UNIX, SOCK_STREAM, 0, both), "socketpair");
	const int ways[] = {-1, 3, SHUT_RD, SHUT_WR, SHUT_RDWR, SHUT_WR};
	for (unsigned i = 0; i < COUNT(ways); i++) {
		SHOW("shutdown", shutdown(both[0], ways[i]), "%d", ways[i]);
		SHOW("shutdown", shutdown(0, ways[i]), "0, %d", ways[i]);
		SHOW("shutdown", shutdown(CLOSED, ways[i]), "closed, %d", ways[i]);
		SHOW("send", send(both[0], "x", 1, MSG_NOSIGNAL), "after %d", ways[i]);
	}
	const uint64_t values[] = {0, 1, UINT64_MAX - 1, UINT64_MAX};
	for (unsigned i = 0; i < COUNT(values); i++) {
		SHOW("eventfd_write", eventfd_write(event, values[i]), "%#lx", (long)values[i]);
		SHOW("eventfd_write", eventfd_write(event, 1), "1 more");
		told();
	}
	SHOW("eventfd_write", eventfd_write(CLOSED, 1), "closed");
	SHOW("eventfd_write", eventfd_write(ends[0], 1), "wrong end");
}

int main(void)
{
	must(!pipe2(ends, O_NONBLOCK) && !pipe2(broken, O_NONBLOCK), "pipe2");
	must(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), "socketpair");
	must((event = eventfd(0, EFD_NONBLOCK)) >= 0, "eventfd");
	close(broken[0]);
	int lone[2];
	must(!socketpair(AF_UNIX, SOCK_STREAM, 0, lone), "socketpair");
	close(lone[1]);
	broken[0] = lone[0];
	on_signal(SIGPIPE, count_signal, 0);
	for (unsigned i = 0; i < COUNT(writes); i++)
		by_write(writes[i].name, writes[i].call);
	for (unsigned i = 0; i < COUNT(sends); i++)
		by_send(sends[i].name, sends[i].call);
	vectors();
	moving("sendfile", sendfile);
	moving("sendfile64", (sendfile_function *)sendfile64);
	splicing();
	connecting();
	naming();
	shutting();
	show_descriptors();
	return 0;
}

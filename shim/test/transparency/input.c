/* What takes data from a descriptor: amounts, ends, flags, pointers and bounds of each. */
#include "show.h"

#include <sys/uio.h>

typedef ssize_t read_function(int, void *, size_t);
typedef ssize_t recv_function(int, void *, size_t, int);

static int ends[2], pair[2], shut[2], event, regular;

static ssize_t fortified_read(int fd, void *buffer, size_t size)
{
	return __read_chk(fd, buffer, size, (size_t)-1);
}

static ssize_t raw_read(int fd, void *buffer, size_t size)
{
	return syscall(SYS_read, fd, buffer, size);
}

static ssize_t one_readv(int fd, void *buffer, size_t size)
{
	struct iovec part = {buffer, size};
	return readv(fd, &part, 1);
}

static ssize_t plain_recv(int fd, void *buffer, size_t size)
{
	return recv(fd, buffer, size, 0);
}

static const struct {
	const char *name;
	read_function *call;
} reads[] = {{"read", read}, {"__read", __read}, {"__read_chk", fortified_read},
	{"syscall", raw_read}, {"readv", one_readv}, {"recv", plain_recv}};

static ssize_t private_recv(int fd, void *buffer, size_t size, int flags)
{
	/* the C library keeps this one for its own libraries: no program links to it */
	recv_function *call = (recv_function *)dlsym(RTLD_DEFAULT, "__recv");
	return call ? call(fd, buffer, size, flags) : -7;
}

static ssize_t fortified_recv(int fd, void *buffer, size_t size, int flags)
{
	return __recv_chk(fd, buffer, size, (size_t)-1, flags);
}

static ssize_t short_recvfrom(int fd, void *buffer, size_t size, int flags)
{
	return recvfrom(fd, buffer, size, flags, NULL, NULL);
}

static ssize_t fortified_recvfrom(int fd, void *buffer, size_t size, int flags)
{
	return __recvfrom_chk(fd, buffer, size, (size_t)-1, flags, NULL, NULL);
}

static ssize_t raw_recvfrom(int fd, void *buffer, size_t size, int flags)
{
	return syscall(SYS_recvfrom, fd, buffer, size, flags, NULL, NULL);
}

static ssize_t one_recvmsg(int fd, void *buffer, size_t size, int flags)
{
	struct iovec part = {buffer, size};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
	ssize_t result = recvmsg(fd, &message, flags);
	NOTE_LINE("  msg_flags %#x\n", message.msg_flags);
	return result;
}

static ssize_t one_recvmmsg(int fd, void *buffer, size_t size, int flags)
{
	struct iovec part = {buffer, size};
	struct mmsghdr message = {.msg_hdr = {.msg_iov = &part, .msg_iovlen = 1}};
	int result = recvmmsg(fd, &message, 1, flags, NULL);
	NOTE_LINE("  msg_flags %#x length %u\n", message.msg_hdr.msg_flags, message.msg_len);
	return result;
}

static const struct {
	const char *name;
	recv_function *call;
} recvs[] = {{"recv", recv}, {"__recv", private_recv}, {"__recv_chk", fortified_recv},
	{"recvfrom", short_recvfrom}, {"__recvfrom_chk", fortified_recvfrom},
	{"syscall", raw_recvfrom}, {"recvmsg", one_recvmsg}, {"recvmmsg", one_recvmmsg}};

/* Both channels hold exactly "0123456789" before each call. */
static void refill(void)
{
	char rest[64];
	while (read(ends[0], rest, sizeof rest) > 0)
		;
	while (read(pair[0], rest, sizeof rest) > 0)
		;
	must(write(ends[1], "0123456789", 10) == 10, "write");
	must(write(pair[1], "0123456789", 10) == 10, "write");
}

static void by_read(const char *name, read_function *call)
{
	const int fds[] = {ends[0], pair[0], shut[0], ends[1], event, regular, 0, 1, CLOSED, -1};
	const size_t sizes[] = {0, 1, 8, 100, SSIZE_MAX, SIZE_MAX};
	for (unsigned i = 0; i < COUNT(fds); i++)
		for (unsigned s = 0; s < COUNT(sizes); s++) {
			refill();
			void *buffer = place(0, NULL, sizes[s] < 4096 ? sizes[s] : 4096);
			if (name[0] == '_' && sizes[s] == SIZE_MAX)
				continue;
			SHOW(name, call(fds[i], buffer, sizes[s]), "%d, %zu", fds[i], sizes[s]);
		}
	refill();
	SHOW(name, call(ends[0], place(0, NULL, 4), 10), "room for 4, 10");
	SHOW(name, call(ends[0], place(0, NULL, 10), 10), "the rest");
	SHOW(name, call(ends[0], place(0, NULL, 10), 10), "empty");
	EACH_BAD_POINTER(bad)
	{
		refill();
		SHOW(name, call(ends[0], bad->pointer, 8), "%s, 8", bad->name);
		SHOW(name, call(ends[0], bad->pointer, 0), "%s, 0", bad->name);
		SHOW(name, call(pair[0], bad->pointer, 8), "socket, %s, 8", bad->name);
		SHOW(name, call(CLOSED, bad->pointer, 8), "closed, %s, 8", bad->name);
	}
}

static void by_recv(const char *name, recv_function *call)
{
	const int flags[] = {0, MSG_PEEK, MSG_DONTWAIT, MSG_TRUNC, MSG_WAITALL | MSG_DONTWAIT,
		MSG_OOB, MSG_ERRQUEUE, -1};
	const int fds[] = {pair[0], shut[0], ends[0], CLOSED};
	for (unsigned f = 0; f < COUNT(flags); f++)
		for (unsigned i = 0; i < COUNT(fds); i++) {
			refill();
			SHOW(name, call(fds[i], place(0, NULL, 4), 4, flags[f]), "%d, 4, %#x",
				fds[i], flags[f]);
			SHOW(name, call(fds[i], place(0, NULL, 20), 20, flags[f]), "%d, 20, %#x",
				fds[i], flags[f]);
		}
	EACH_BAD_POINTER(bad)
	{
		refill();
		SHOW(name, call(pair[0], bad->pointer, 8, 0), "%s", bad->name);
	}
}

static void vectors(void)
{
	struct iovec parts[] = {{place(0, NULL, 3), 3}, {NULL, 0}, {place(1, NULL, 100), 100}};
	const int numbers[] = {0, 1, 2, 3, -1, 1024, 1025, INT_MAX};
	for (unsigned i = 0; i < COUNT(numbers); i++) {
		refill();
		struct iovec *list = place(2, parts, sizeof parts);
		SHOW("readv", readv(ends[0], list, numbers[i]), "%d parts", numbers[i]);
	}
	EACH_BAD_POINTER(bad)
	{
		refill();
		SHOW("readv", readv(ends[0], bad->pointer, 1), "%s", bad->name);
		struct iovec part = {bad->pointer, SIZE_MAX};
		SHOW("readv", readv(ends[0], &part, 1), "{%s, SIZE_MAX}", bad->name);
	}
}

static void addresses(void)
{
	int datagrams[2];
	must(!socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, datagrams), "socketpair");
	must(send(datagrams[1], "12345", 5, 0) == 5, "send");
	socklen_t *size = PLACE(1, (socklen_t){16});
	SHOW("recvfrom",
		recvfrom(datagrams[0], place(0, NULL, 3), 3, MSG_TRUNC, place(2, NULL, 16), size),
		"truncated");
	SHOW("recvfrom", recvfrom(datagrams[0], place(0, NULL, 3), 3, 0, NULL, NULL), "empty");
	EACH_BAD_POINTER(bad)
	{
		must(send(datagrams[1], "12345", 5, 0) == 5, "send");
		SHOW("recvfrom",
			recvfrom(datagrams[0], place(0, NULL, 5), 5, 0, place(2, NULL, 16),
				bad->pointer),
			"length %s", bad->name);
		SHOW("recvmsg", recvmsg(datagrams[0], bad->pointer, 0), "%s", bad->name);
		SHOW("recvmmsg", recvmmsg(datagrams[0], bad->pointer, 1, 0, NULL), "%s", bad->name);
		SHOW("getsockopt",
			getsockopt(datagrams[0], SOL_SOCKET, SO_TYPE, bad->pointer,
				PLACE(1, (socklen_t){4})),
			"%s", bad->name);
		SHOW("getsockopt",
			getsockopt(
				datagrams[0], SOL_SOCKET, SO_TYPE, place(0, NULL, 4), bad->pointer),
			"length %s", bad->name);
	}
	struct timespec bad_time = {-1, 0};
	struct mmsghdr none = {{0}, 0};
	SHOW("recvmmsg", recvmmsg(datagrams[0], &none, 1, 0, &bad_time), "bad timeout");
	SHOW("recvmmsg", recvmmsg(datagrams[0], &none, 0, 0, NULL), "no messages");
}

static void counters(void)
{
	SHOW("eventfd_write", eventfd_write(event, 5), "5");
	SHOW("eventfd_read", eventfd_read(event, place(0, NULL, 8)), "5");
	SHOW("eventfd_read", eventfd_read(event, place(0, NULL, 8)), "empty");
	SHOW("eventfd_read", eventfd_read(CLOSED, place(0, NULL, 8)), "closed");
	SHOW("eventfd_read", eventfd_read(0, place(0, NULL, 8)), "not one");
	SHOW("eventfd_write", eventfd_write(event, 5), "5");
	EACH_BAD_POINTER(bad)
	{
		CRASH("eventfd_read", eventfd_read(event, bad->pointer), "%s", bad->name);
	}
}

/* A descriptor that arrives in a message: its number and what it is. */
static void passed(void)
{
	int both[2];
	must(!socketpair(AF_UNIX, SOCK_STREAM, 0, both), "socketpair");
	char byte = 'x', room[CMSG_SPACE(2 * sizeof(int))] = {0};
	struct iovec part = {&byte, 1};
	struct msghdr message = {.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = room,
		.msg_controllen = sizeof room};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	*header = (struct cmsghdr){CMSG_LEN(2 * sizeof(int)), SOL_SOCKET, SCM_RIGHTS};
	memcpy(CMSG_DATA(header), (int[]){ends[0], event}, 2 * sizeof(int));
	SHOW("sendmsg", sendmsg(both[0], &message, 0), "two descriptors");
	SHOW("recvmsg", recvmsg(both[1], &message, MSG_CMSG_CLOEXEC), "two descriptors");
	NOTE_LINE("  control %zu flags %#x\n", message.msg_controllen, message.msg_flags);
	show_descriptors();
}

static void bounds(void)
{
	char small[8];
	CRASH("__read_chk", __read_chk(ends[0], small, 9, 8), "9 of 8");
	CRASH("__recv_chk", __recv_chk(pair[0], small, 9, 8, 0), "9 of 8");
	CRASH("__recvfrom_chk", __recvfrom_chk(pair[0], small, 9, 8, 0, NULL, NULL), "9 of 8");
	CRASH("__read_chk", __read_chk(CLOSED, small, 8, 8), "8 of 8");
}

int main(void)
{
	must(!pipe2(ends, O_NONBLOCK), "pipe2");
	must(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), "socketpair");
	must(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, shut), "socketpair");
	must(!shutdown(shut[1], SHUT_WR), "shutdown");
	must((event = eventfd(0, EFD_NONBLOCK)) >= 0, "eventfd");
	must((regular = memfd_create("file", 0)) >= 0 && write(regular, "abc", 3) == 3, "file");
	for (unsigned i = 0; i < COUNT(reads); i++)
		by_read(reads[i].name, reads[i].call);
	for (unsigned i = 0; i < COUNT(recvs); i++)
		by_recv(recvs[i].name, recvs[i].call);
	vectors();
	addresses();
	counters();
	passed();
	bounds();
	return 0;
}

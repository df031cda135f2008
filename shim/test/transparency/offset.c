/* Input and output at an offset, formatted, moved between pipes, asynchronous, and of terminals. */
#include "show.h"

static int ends[2], full[2], event, regular, terminal[2];

/* The pipe holds exactly "0123456789", the file as much and stands at its third byte. */
static void refill(void)
{
	char rest[64];
	while (read(ends[0], rest, sizeof rest) > 0)
		;
	must(write(ends[1], "0123456789", 10) == 10, "write");
	must(!ftruncate(regular, 0) && pwrite(regular, "0123456789", 10, 0) == 10, "pwrite");
	must(lseek(regular, 3, SEEK_SET) == 3, "lseek");
}

typedef ssize_t offset_read(int, void *, size_t, off64_t);
typedef ssize_t offset_write(int, const void *, size_t, off64_t);

static ssize_t narrow_pread(int fd, void *buffer, size_t size, off64_t offset)
{
	return pread(fd, buffer, size, (off_t)offset);
}

static ssize_t fortified_pread(int fd, void *buffer, size_t size, off64_t offset)
{
	return __pread_chk(fd, buffer, size, (off_t)offset, (size_t)-1);
}

static ssize_t fortified_pread64(int fd, void *buffer, size_t size, off64_t offset)
{
	return __pread64_chk(fd, buffer, size, offset, (size_t)-1);
}

/* One vector of the buffer, through each name that takes vectors. */
#define ONE_PART(name, data, ...)                                                                  \
	static ssize_t one_##name(int fd, data *buffer, size_t size, off64_t offset)               \
	{                                                                                          \
		struct iovec part = {(void *)buffer, size};                                        \
		return name(fd, &part, 1, (__typeof__(offset))offset __VA_ARGS__);                 \
	}
ONE_PART(preadv, void, )
ONE_PART(preadv64, void, )
ONE_PART(preadv2, void, , 0)
ONE_PART(preadv64v2, void, , 0)
ONE_PART(pwritev, const void, )
ONE_PART(pwritev64, const void, )
ONE_PART(pwritev2, const void, , 0)
ONE_PART(pwritev64v2, const void, , 0)

static const struct {
	const char *name;
	offset_read *call;
} reads[] = {{"pread", narrow_pread}, {"pread64", pread64}, {"__pread64", __pread64},
	{"__pread_chk", fortified_pread}, {"__pread64_chk", fortified_pread64},
	{"preadv", one_preadv}, {"preadv64", one_preadv64}, {"preadv2", one_preadv2},
	{"preadv64v2", one_preadv64v2}};

static ssize_t narrow_pwrite(int fd, const void *buffer, size_t size, off64_t offset)
{
	return pwrite(fd, buffer, size, (off_t)offset);
}

static const struct {
	const char *name;
	offset_write *call;
} writes[] = {{"pwrite", narrow_pwrite}, {"pwrite64", pwrite64}, {"__pwrite64", __pwrite64},
	{"pwritev", one_pwritev}, {"pwritev64", one_pwritev64}, {"pwritev2", one_pwritev2},
	{"pwritev64v2", one_pwritev64v2}};

static const long offsets[] = {0, 4, 10, 100, -1, -2, LONG_MAX};

static void by_read(const char *name, offset_read *call)
{
	const int fds[] = {regular, ends[0], ends[1], event, CLOSED, -1};
	for (unsigned i = 0; i < COUNT(fds); i++)
		for (unsigned o = 0; o < COUNT(offsets); o++) {
			refill();
			SHOW(name, call(fds[i], place(0, NULL, 8), 8, offsets[o]), "%d, 8, %ld",
				fds[i], offsets[o]);
			NOTE_LINE("  offset %ld\n", (long)lseek(regular, 0, SEEK_CUR));
		}
	EACH_BAD_POINTER(bad)
	{
		refill();
		SHOW(name, call(regular, bad->pointer, 8, 0), "%s", bad->name);
		SHOW(name, call(ends[0], bad->pointer, 8, -1), "pipe, %s", bad->name);
	}
}

static void by_write(const char *name, offset_write *call)
{
	const int fds[] = {regular, ends[1], full[1], ends[0], event, CLOSED, -1};
	const uint64_t data = 5;
	for (unsigned i = 0; i < COUNT(fds); i++)
		for (unsigned o = 0; o < COUNT(offsets) - 1; o++) {
			refill();
			SHOW(name, call(fds[i], &data, 8, offsets[o]), "%d, 8, %ld", fds[i],
				offsets[o]);
			NOTE_LINE("  offset %ld size %ld\n", (long)lseek(regular, 0, SEEK_CUR),
				(long)lseek(regular, 0, SEEK_END));
			SHOW("read", read(event, place(0, NULL, 8), 8), "event");
		}
	EACH_BAD_POINTER(bad)
	{
		refill();
		SHOW(name, call(regular, bad->pointer, 8, 0), "%s", bad->name);
		SHOW(name, call(ends[1], bad->pointer, 8, -1), "pipe, %s", bad->name);
	}
}

static int listed(int fortified, int fd, const char *format, ...)
{
	va_list list;
	va_start(list, format);
	int result = fortified ? __vdprintf_chk(fd, 1, format, list) : vdprintf(fd, format, list);
	va_end(list);
	return result;
}

static void formatted(void)
{
	const int fds[] = {ends[1], full[1], ends[0], CLOSED, -1};
	for (unsigned i = 0; i < COUNT(fds); i++) {
		refill();
		SHOW("dprintf", dprintf(fds[i], "%s %d %.1f%c", "text", -5, 2.5, 'x'), "%d",
			fds[i]);
		SHOW("__dprintf_chk", __dprintf_chk(fds[i], 1, "%08lx|%5s", 255L, "ab"), "%d",
			fds[i]);
		SHOW("vdprintf", listed(0, fds[i], "%s %lld", "one", 1LL << 40), "%d", fds[i]);
		SHOW("__vdprintf_chk", listed(1, fds[i], "%*d", 6, 7), "%d", fds[i]);
		ssize_t got = read(ends[0], place(0, NULL, 100), 100);
		NOTE_LINE("  got %zd memory=%08x\n", got, memory_sum());
	}
	CRASH("dprintf", dprintf(ends[1], "%s", (char *)no_access()), "no access");
}

static void moved(void)
{
	int other[2];
	must(!pipe2(other, O_NONBLOCK), "pipe2");
	refill();
	SHOW("tee", tee(ends[0], other[1], 4, SPLICE_F_NONBLOCK), "4");
	SHOW("tee", tee(other[0], full[1], 4, SPLICE_F_NONBLOCK), "to a full one");
	SHOW("tee", tee(full[1], other[1], 4, 0), "wrong end");
	SHOW("tee", tee(ends[0], ends[1], 4, 0), "to itself");
	SHOW("tee", tee(CLOSED, other[1], 4, 0), "closed");
	SHOW("tee", tee(ends[0], CLOSED, 4, 0), "to closed");
	struct iovec part = {place(0, "abcd", 4), 4};
	SHOW("vmsplice", vmsplice(other[1], &part, 1, SPLICE_F_NONBLOCK), "4");
	SHOW("vmsplice", vmsplice(full[1], &part, 1, SPLICE_F_NONBLOCK), "full");
	SHOW("vmsplice", vmsplice(regular, &part, 1, 0), "no pipe");
	part.iov_base = place(1, NULL, 4);
	SHOW("vmsplice", vmsplice(other[0], &part, 1, SPLICE_F_NONBLOCK), "from a pipe");
	EACH_BAD_POINTER(bad)
	{
		SHOW("vmsplice", vmsplice(other[1], bad->pointer, 1, SPLICE_F_NONBLOCK), "%s",
			bad->name);
	}
	SHOW("read", read(other[0], place(0, NULL, 100), 100), "what is there");
	SHOW("syscall", syscall(SYS_tee, ends[0], other[1], 3, SPLICE_F_NONBLOCK), "tee");
	SHOW("syscall", syscall(SYS_splice, ends[0], NULL, other[1], NULL, 3, SPLICE_F_NONBLOCK),
		"splice");
	SHOW("syscall", syscall(SYS_sendfile, other[1], regular, NULL, 3), "sendfile");
	close(other[0]);
	close(other[1]);
}

static long done(struct aiocb *request)
{
	const struct aiocb *list[] = {request};
	while (aio_error(request) == EINPROGRESS)
		aio_suspend(list, 1, NULL);
	return aio_return(request);
}

/* The thread that does it writes at a moment of its own: not into the memory whose sum is shown. */
static void asynchronous(void)
{
	static char buffer[4];
	const int fds[] = {ends[0], regular, CLOSED};
	for (unsigned i = 0; i < COUNT(fds); i++) {
		refill();
		struct aiocb in = {.aio_fildes = fds[i], .aio_buf = buffer, .aio_nbytes = 4};
		SHOW("aio_read", aio_read(&in), "%d", fds[i]);
		NOTE_LINE("  done %ld\n", done(&in));
		struct aiocb out = {.aio_fildes = fds[i] == ends[0] ? ends[1] : fds[i],
			.aio_buf = buffer,
			.aio_nbytes = 4};
		SHOW("aio_write", aio_write(&out), "%d", fds[i]);
		NOTE_LINE("  done %ld\n", done(&out));
		struct aiocb64 in64 = {.aio_fildes = fds[i], .aio_buf = buffer, .aio_nbytes = 4};
		SHOW("aio_read64", aio_read64(&in64), "%d", fds[i]);
		NOTE_LINE("  done %ld\n", done((struct aiocb *)&in64));
		struct aiocb64 out64 = {
			.aio_fildes = out.aio_fildes, .aio_buf = buffer, .aio_nbytes = 4};
		SHOW("aio_write64", aio_write64(&out64), "%d", fds[i]);
		NOTE_LINE("  done %ld\n", done((struct aiocb *)&out64));
	}
	CRASH("aio_read", aio_read(no_access()), "no access");
}

static void of_terminals(void)
{
	const int fds[] = {terminal[0], terminal[1], ends[0], CLOSED, -1};
	struct termios settings;
	must(!tcgetattr(terminal[1], &settings), "tcgetattr");
	for (unsigned i = 0; i < COUNT(fds); i++) {
		must(write(terminal[0], "line\n", 5) == 5, "write");
		SHOW("tcflush", tcflush(fds[i], TCIFLUSH), "%d", fds[i]);
		SHOW("tcflush", tcflush(fds[i], 99), "%d, 99", fds[i]);
		SHOW("tcdrain", tcdrain(fds[i]), "%d", fds[i]);
		SHOW("tcsetattr", tcsetattr(fds[i], TCSAFLUSH, &settings), "%d", fds[i]);
		SHOW("tcsetattr", tcsetattr(fds[i], 99, &settings), "%d, 99", fds[i]);
	}
	CRASH("tcsetattr", tcsetattr(terminal[1], TCSANOW, no_access()), "no access");
}

static void send_privately(void)
{
	typedef int many(int, struct mmsghdr *, unsigned, int);
	/* the C library keeps this one for its own libraries: no program links to it */
	many *call = (many *)dlsym(RTLD_DEFAULT, "__sendmmsg");
	int pair[2];
	must(!socketpair(AF_UNIX, SOCK_DGRAM, 0, pair), "socketpair");
	struct iovec part = {(void *)"text", 4};
	struct mmsghdr message = {.msg_hdr = {.msg_iov = &part, .msg_iovlen = 1}};
	SHOW("__sendmmsg", call ? call(pair[0], &message, 1, 0) : -7, "1");
	SHOW("__sendmmsg", call ? call(CLOSED, &message, 1, 0) : -7, "closed");
	close(pair[0]);
	close(pair[1]);
}

int main(void)
{
	static char data[4096];
	must(!pipe2(ends, O_NONBLOCK) && !pipe2(full, O_NONBLOCK), "pipe2");
	while (write(full[1], data, sizeof data) > 0)
		;
	must((event = eventfd(0, EFD_NONBLOCK)) >= 0, "eventfd");
	must((regular = memfd_create("file", 0)) >= 0, "memfd_create");
	must((terminal[0] = posix_openpt(O_RDWR | O_NOCTTY)) >= 0 && !grantpt(terminal[0]) &&
			!unlockpt(terminal[0]),
		"posix_openpt");
	must((terminal[1] = open(ptsname(terminal[0]), O_RDWR | O_NOCTTY | O_NONBLOCK)) >= 0,
		"slave");
	for (unsigned i = 0; i < COUNT(reads); i++)
		by_read(reads[i].name, reads[i].call);
	for (unsigned i = 0; i < COUNT(writes); i++)
		by_write(writes[i].name, writes[i].call);
	formatted();
	moved();
	of_terminals();
	send_privately();
	show_descriptors();
	asynchronous();
	return 0;
}

/* Calls through the library and bare, with the same arguments. */
#include "entries.h"

#include <dlfcn.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>

/* The names of the C library that calls.h declares, and those its headers do. */
const struct entry entries[] = {
#define ENTRY(name, returns, arguments) {#name, (void *)name, returns, arguments, 0},
#define SYSTEM_CALL(name, returns, arguments)                                                      \
	{"syscall", (void *)syscall, returns, arguments, SYS_##name},
#include "entries.def"
#undef ENTRY
#undef SYSTEM_CALL
};
const int entries_count = sizeof(entries) / sizeof(entries[0]);

typedef long function(long, long, long, long, long, long, long);

uint8_t next(struct input *in)
{
	if (!in->size)
		return 0;
	in->size--;
	return *in->bytes++;
}

static function *bare(const char *name)
{
	static void *libc;
	if (!libc)
		libc = dlopen("libc.so.6", RTLD_LAZY | RTLD_NOLOAD);
	return (function *)dlsym(libc, name);
}

static long bare_call(const char *name, long a, long b, long c)
{
	return bare(name)(a, b, c, 0, 0, 0, 0);
}

/* --- descriptors --- */

/* Made bare: what the library sees of them first is a call that uses them. */
static void placed(const struct side *s, int number, long fd)
{
	bare_call("dup3", fd, s->first + number, O_CLOEXEC);
	bare_call("close", fd, 0, 0);
}

void side_begins(struct side *s)
{
	int pair[2];
	for (int number = 0; number < 8; number += 2) {
		if (number < 4)
			bare_call("pipe2", (long)pair, O_NONBLOCK, 0);
		else
			bare("socketpair")(AF_UNIX,
				(number == 4 ? SOCK_STREAM : SOCK_DGRAM) | SOCK_NONBLOCK, 0,
				(long)pair, 0, 0, 0);
		placed(s, number, pair[0]);
		placed(s, number + 1, pair[1]);
	}
	placed(s, 8, bare_call("eventfd", 0, EFD_NONBLOCK, 0));
	placed(s, 9, bare_call("epoll_create1", 0, 0, 0));
	placed(s, 10, bare_call("epoll_create1", 0, 0, 0));
	placed(s, 11, bare_call("timerfd_create", CLOCK_MONOTONIC, TFD_NONBLOCK, 0));
	placed(s, 12, bare_call("memfd_create", (long)"entries", 0, 0));
	placed(s, 13, bare_call("open", (long)"/dev/null", O_RDWR, 0));
}

static void close_on(const struct side *s, int fd)
{
	if (s->through_library)
		close(fd);
	else
		bare_call("close", fd, 0, 0);
}

void side_ends(struct side *s)
{
	for (int i = 0; i < OURS; i++)
		close_on(s, s->first + i);
}

/* --- arguments --- */

static void fill(struct side *s, struct input *in)
{
	bool library = s->through_library;
	int first = s->first;
	memset(s, 0, sizeof(*s));
	s->through_library = library;
	s->first = first;
	memset(s->memory, next(in), sizeof(s->memory));
	s->pieces[0] = (struct iovec){s->memory, 16};
	s->pieces[1] = (struct iovec){s->memory + 64, next(in)};
	/* vmsplice(2) takes the pages, not what is in them: another value stored there later is
	 * read from the pipe, or not, when a fork came between */
	static char constant[MEMORY];
	s->constant[0] = (struct iovec){constant, 16};
	s->constant[1] = (struct iovec){constant + 64, s->pieces[1].iov_len};
	s->message = (struct msghdr){.msg_iov = s->pieces, .msg_iovlen = 2};
	s->messages[0].msg_hdr = s->messages[1].msg_hdr = s->message;
	for (int i = 0; i < POLLFDS; i++)
		s->fds[i] = (struct pollfd){first + next(in) % OURS, (short)(next(in) * 0x101), 0};
	for (int i = 0; i < 3; i++) {
		FD_ZERO(&s->sets[i]);
		for (unsigned bits = next(in); bits; bits &= bits - 1)
			FD_SET(first + __builtin_ctz(bits), &s->sets[i]);
	}
	s->time.tv_nsec = next(in) % 8 ? 0 : 1000000000;
	uint32_t kind = next(in);
	s->event.events = (kind & 0x1f) | kind >> 5 << 29;
	s->event.data.u64 = kind & 1 ? 0x7f0000000000u + kind : kind;
	s->value = 1;
	s->length = next(in) % 9;
	s->words[0] = (char *)"true";
}

static long flags_of(char role, uint8_t byte)
{
	static const int opening[] = {O_RDONLY, O_RDWR, O_WRONLY | O_NONBLOCK, O_PATH,
		O_RDONLY | O_DIRECTORY, O_RDONLY | O_CLOEXEC, O_RDWR | O_NONBLOCK | O_CLOEXEC,
		O_RDONLY | O_NOFOLLOW};
	static const int sockets[] = {MSG_DONTWAIT, MSG_DONTWAIT | MSG_PEEK,
		MSG_DONTWAIT | MSG_TRUNC, MSG_DONTWAIT | MSG_OOB, MSG_DONTWAIT | MSG_NOSIGNAL,
		MSG_DONTWAIT | MSG_MORE, MSG_DONTWAIT | MSG_ERRQUEUE, MSG_DONTWAIT | MSG_WAITALL};
	static const int commands[] = {
		F_DUPFD, F_DUPFD_CLOEXEC, F_GETFD, F_SETFD, F_GETFL, F_GETPIPE_SZ, F_GETOWN, 999};
	static const unsigned long requests[] = {
		FIONREAD, FIOCLEX, FIONBIO, FIONCLEX, FIOASYNC, 0x5413, 0, 99};
	switch (role) {
	case 'O':
		return opening[byte % 8];
	case 'f':
		return sockets[byte % 8];
	case 'c':
		return commands[byte % 8];
	case 'g':
		return (long)requests[byte % 8];
	default: /* 'k' */
		return byte % 4 == 0   ? 0
		       : byte % 4 == 1 ? O_CLOEXEC
		       : byte % 4 == 2 ? O_NONBLOCK
				       : -1;
	}
}

static long path_of(uint8_t byte)
{
	static const char *const paths[] = {
		"/dev/null", "/", "/nowhere/at/all", "/proc/self/status"};
	return (long)paths[byte % 4];
}

static long pointer_of(struct side *s, char role)
{
	switch (role) {
	case 'b':
		return (long)s->memory;
	case 'v':
		return (long)s->pieces;
	case 'w':
		return (long)s->constant;
	case 'm':
		return (long)&s->message;
	case 'M':
		return (long)s->messages;
	case 'P':
		return (long)s->fds;
	case 'R':
	case 'W':
	case 'X':
		return (long)&s->sets[role == 'R' ? 0 : role == 'W' ? 1 : 2];
	case 't':
		return (long)&s->time;
	case 'u':
		return (long)&s->zero;
	case 'e':
		return (long)&s->event;
	case 'E':
		return (long)s->events;
	case 'p':
		return (long)s->pair;
	case 'V':
		return (long)&s->value;
	case 'A':
		return (long)s->words;
	default: /* 'L' */
		return (long)&s->length;
	}
}

static long argument_of(struct side *s, const struct entry *e, char role, uint8_t byte)
{
	switch (role) {
	case 'd':
		return s->first + byte % OURS;
	case 'n':
		return byte;
	case 'z':
		return MEMORY;
	case 'h':
		return byte % (MESSAGES + 1);
	case 'N':
		return s->first + OURS;
	case 'x':
	case 'o':
		return byte % (POLLFDS + 1);
	case 'i':
	case 'l':
		return byte % 8;
	case 'K':
		return byte % 8 | SPLICE_F_NONBLOCK;
	case 'q':
		return path_of(byte);
	case '#':
		return e->number;
	case '0':
	case 'T':
		return 0;
	default:
		return strchr("Ofcgk", role) ? flags_of(role, byte) : pointer_of(s, role);
	}
}

/* --- the call --- */

static bool opens(const struct entry *e, const long *arguments)
{
	const char *command = strchr(e->arguments, 'c');
	long given = command ? arguments[command - e->arguments] : F_DUPFD;
	return e->returns == 'F' && (given == F_DUPFD || given == F_DUPFD_CLOEXEC);
}

/* What it opened is closed at once, so that the other side gets the same number. */
static void close_opened(const struct side *s, const struct entry *e, const long *arguments)
{
	if (s->result >= 0 && opens(e, arguments))
		close_on(s, (int)s->result);
	for (int i = 0; i < 2 && e->returns == 'P' && s->result == 0; i++)
		close_on(s, s->pair[i]);
}

/* vfork(2) returns twice, into one frame: it must be one that keeps nothing meanwhile. */
__attribute__((noinline)) static pid_t ending_child(function *called, bool library)
{
	long child = called(0, 0, 0, 0, 0, 0, 0);
	if (child == 0 && library)
		_exit(0);
	if (child == 0)
		bare_call("_exit", 0, 0, 0);
	return (pid_t)child;
}

/* How it ended, for that is the same on both sides. */
static long end_of(pid_t child)
{
	int status;
	pid_t ended = child;
	while (child > 0 && (ended = waitpid(child, &status, 0)) < 0 && errno == EINTR)
		continue; /* the engine's clock */
	return ended < 0 ? -1 : status;
}

void side_calls(struct side *s, const struct entry *e, struct input in)
{
	long a[8] = {0};
	fill(s, &in);
	for (int i = 0; e->arguments[i]; i++)
		a[i] = argument_of(s, e, e->arguments[i], next(&in));
	function *called = s->through_library ? (function *)e->function : bare(e->name);
	errno = 0;
	s->result = e->returns == 'C' ? end_of(ending_child(called, s->through_library))
				      : called(a[0], a[1], a[2], a[3], a[4], a[5], a[6]);
	if (e->returns != 'l')
		s->result = (int)s->result;
	s->error = s->result < 0 ? errno : 0;
	close_opened(s, e, a);
	if (e->returns == 'D' && s->result >= 0)
		s->result -= s->first;
}

const char *sides_differ(const struct side *a, const struct side *b)
{
	if (a->result != b->result || a->error != b->error)
		return "result";
	if (memcmp(a->memory, b->memory, sizeof(a->memory)) != 0 || a->value != b->value ||
		a->length != b->length)
		return "memory";
	if (memcmp(a->events, b->events, sizeof(a->events)) != 0)
		return "events";
	if (memcmp(a->pair, b->pair, sizeof(a->pair)) != 0)
		return "pair";
	for (int i = 0; i < POLLFDS; i++)
		if (a->fds[i].revents != b->fds[i].revents)
			return "revents";
	for (int i = 0; i < 3 * OURS; i++)
		if (!FD_ISSET(a->first + i % OURS, &a->sets[i / OURS]) !=
			!FD_ISSET(b->first + i % OURS, &b->sets[i / OURS]))
			return "sets";
	return NULL;
}

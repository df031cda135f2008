/* Puts a descriptor into words, asking the kernel. Only for findings: every function makes system
 * calls. */
#include "fdtable.h"

#include "process.h"
#include "text.h"

#include <arpa/inet.h>
#include <linux/magic.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/vfs.h>

static const struct {
	const char *name;
	bool visible;
} kinds[] = {
#define X(kind, name, visible) [FD_##kind] = {name, visible},
	FD_KINDS(X)
#undef X
};

bool fd_kind_visible(enum fd_kind kind)
{
	return kinds[kind].visible;
}

const char *fd_kind_name(enum fd_kind kind)
{
	return kinds[kind].name;
}

static int socket_option(int fd, int name)
{
	int value = -1;
	socklen_t length = sizeof(value);
	return REAL(getsockopt)(fd, SOL_SOCKET, name, &value, &length) == 0 ? value : -1;
}

static enum fd_kind socket_kind(int fd)
{
	int domain = socket_option(fd, SO_DOMAIN), type = socket_option(fd, SO_TYPE);
	bool inet = domain == AF_INET || domain == AF_INET6;
	if (socket_option(fd, SO_ACCEPTCONN) == 1)
		return FD_LISTENER;
	if (domain == AF_UNIX)
		return type == SOCK_STREAM  ? FD_UNIX_STREAM
		       : type == SOCK_DGRAM ? FD_UNIX_DGRAM
					    : FD_SOCKET;
	return inet && type == SOCK_STREAM  ? FD_TCP
	       : inet && type == SOCK_DGRAM ? FD_UDP
					    : FD_SOCKET;
}

static bool link_of(int fd, char *link, size_t size)
{
	char path[40];
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	long length = SYSTEM(readlinkat, (long)AT_FDCWD, path, link, size - 1);
	link[length > 0 ? length : 0] = '\0';
	return length > 0;
}

static enum fd_kind anonymous_kind(int fd)
{
	static const struct {
		const char *link;
		enum fd_kind kind;
	} links[] = {
		{"anon_inode:[eventfd]", FD_EVENTFD},
		{"anon_inode:[timerfd]", FD_TIMERFD},
		{"anon_inode:[signalfd]", FD_SIGNALFD},
		{"anon_inode:[eventpoll]", FD_EPOLL},
		{"anon_inode:inotify", FD_INOTIFY},
	};
	char link[64];
	for (size_t i = 0; link_of(fd, link, sizeof(link)) && i < sizeof(links) / sizeof(links[0]);
		i++)
		if (strcmp(link, links[i].link) == 0)
			return links[i].kind;
	return FD_OTHER;
}

static enum fd_kind asked_kind(int fd)
{
	struct stat64 s;
	char link[64];
	if (fstat64(fd, &s) != 0)
		return FD_UNKNOWN;
	switch (s.st_mode & S_IFMT) {
	case S_IFSOCK:
		return socket_kind(fd);
	case S_IFIFO:
		return link_of(fd, link, sizeof(link)) && strncmp(link, "pipe:", 5) == 0 ? FD_PIPE
											 : FD_FIFO;
	case S_IFCHR:
		/* one that was hung up answers EIO to everything (tty_ioctl(4)) */
		return isatty(fd) || errno == EIO ? FD_TTY : FD_DEVICE;
	case S_IFREG:
		return FD_REGULAR;
	case S_IFDIR:
		return FD_DIRECTORY;
	default:
		return anonymous_kind(fd);
	}
}

enum fd_kind fd_kind(int fd)
{
	struct fd_record *r = fd_find(fd);
	enum fd_kind kind = r ? GET(r->kind) : FD_UNKNOWN;
	/* listen(2) is not interposed, and a number may have changed hands out of sight */
	if (!may_make_system_calls() ||
		(kind != FD_UNKNOWN && kind != FD_TCP && kind != FD_UNIX_STREAM))
		return kind;
	KEEP_ERRNO;
	kind = asked_kind(fd);
	if (r && kind != FD_EPOLL)
		PUT(r->kind, (uint8_t)kind);
	return kind;
}

/* Files of /proc and /sys do report events (sysfs(5)); on a disk none does. */
static bool is_kernel_file(int fd)
{
	struct statfs s;
	return fstatfs(fd, &s) != 0 || s.f_type == PROC_SUPER_MAGIC || s.f_type == SYSFS_MAGIC ||
	       s.f_type == 0x19800202 /* mq_overview(7) */ || s.f_type == CGROUP2_SUPER_MAGIC ||
	       s.f_type == DEBUGFS_MAGIC || s.f_type == TRACEFS_MAGIC;
}

const char *fd_always_ready(int fd)
{
	char link[64];
	switch (fd_kind(fd)) {
	case FD_REGULAR:
		return is_kernel_file(fd) ? NULL : "regular file";
	case FD_DIRECTORY:
		return "directory";
	case FD_DEVICE:
		if (!link_of(fd, link, sizeof(link)))
			return NULL;
		return strcmp(link, "/dev/null") == 0 || strcmp(link, "/dev/zero") == 0
			       ? "null device"
			       : NULL;
	default:
		return NULL;
	}
}

bool fd_reads_hidden(int fd, const struct fd_record *r)
{
	const FILE *standard = fd == 0 ? stdin : fd == 1 ? stdout : fd == 2 ? stderr : NULL;
	/* A standard stream that was ever used has a buffer; with musl most always have one. */
	return (GET(((struct fd_record *)r)->flags) & FD_STDIO) ||
	       (standard && __fbufsize((FILE *)standard));
}

/* --- words --- */

static bool has_name(const struct sockaddr_storage *a, socklen_t length)
{
	return a->ss_family != AF_UNIX || length > sizeof(sa_family_t);
}

static void add_address(struct text *t, const struct sockaddr_storage *a, socklen_t length)
{
	char host[INET6_ADDRSTRLEN] = "";
	if (a->ss_family == AF_INET) {
		const struct sockaddr_in *in = (const void *)a;
		inet_ntop(AF_INET, &in->sin_addr, host, sizeof(host));
		text_add(t, "%s:%d", host, ntohs(in->sin_port));
	} else if (a->ss_family == AF_INET6) {
		const struct sockaddr_in6 *in = (const void *)a;
		inet_ntop(AF_INET6, &in->sin6_addr, host, sizeof(host));
		text_add(t, "[%s]:%d", host, ntohs(in->sin6_port));
	} else if (a->ss_family == AF_UNIX && length > sizeof(sa_family_t)) {
		const struct sockaddr_un *un = (const void *)a;
		int most = (int)(length - sizeof(sa_family_t));
		bool abstract = un->sun_path[0] == '\0';
		text_add(
			t, "%s%.*s", abstract ? "@" : "", most - abstract, un->sun_path + abstract);
	}
}

/* Who the peer was: a reset connection has none any more. */
static void add_lost_peer(struct text *t, const struct fd_record *record)
{
	struct fd_record *r = (struct fd_record *)record;
	char host[INET_ADDRSTRLEN];
	struct in_addr address = {r ? GET(r->peer) : 0};
	if (address.s_addr && inet_ntop(AF_INET, &address, host, sizeof(host)))
		text_add(t, "<-%s:%d (was)", host, ntohs(GET(r->peer_port)));
}

static void add_addresses(struct text *t, int fd)
{
	struct sockaddr_storage here = {0}, there = {0};
	socklen_t here_size = sizeof(here), there_size = sizeof(there);
	bool bound = getsockname(fd, (void *)&here, &here_size) == 0;
	bool connected = getpeername(fd, (void *)&there, &there_size) == 0;
	/* both ends of a socketpair are without a name */
	if (bound && (has_name(&here, here_size) || (connected && has_name(&there, there_size)))) {
		text_add(t, " ");
		add_address(t, &here, here_size);
	}
	if (connected && has_name(&there, there_size)) {
		text_add(t, "<-");
		add_address(t, &there, there_size);
	} else if (!connected) {
		add_lost_peer(t, fd_find(fd));
	}
}

/* "pipe:[12]" names the kind itself. */
static void add_link(struct text *t, const char *kind, const char *link)
{
	size_t length = strlen(kind);
	if (strncmp(link, kind, length) == 0)
		text_add(t, "%s", link + length);
	else
		text_add(t, " %s", link);
}

void fd_describe(int fd, char *words, size_t size)
{
	struct text t = {.start = words, .size = size};
	enum fd_kind kind = fd_kind(fd);
	char link[96];
	words[0] = '\0';
	text_add(&t, "%s", fd_kind_name(kind));
	if (!may_make_system_calls())
		return;
	if (kind == FD_TCP || kind == FD_UDP || kind == FD_LISTENER || kind == FD_UNIX_STREAM ||
		kind == FD_UNIX_DGRAM)
		add_addresses(&t, fd);
	else if (link_of(fd, link, sizeof(link)))
		add_link(&t, fd_kind_name(kind), link);
}

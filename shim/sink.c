/* Writes. All of it with plain system calls: no stdio, no cancellation point, no lock. */
#include "sink.h"

#include "config.h"
#include "process.h"
#include "say.h"
#include "suppress.h"
#include "text.h"

#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

static struct channel *channel;
static struct stat64 standard_error;
static bool standard_error_known, colored;

/* A pipe without a reader and the limit of file sizes send a signal that would end the program: it
 * is taken back before the program can see it. Signals go by bits of the kernel's set here, as
 * libc's calls hide some. */
static long write_quietly(long fd, const char *text, size_t size)
{
	uint64_t raised = 1ull << (SIGPIPE - 1) | 1ull << (SIGXFSZ - 1), before, pending = 0;
	struct timespec at_once = {0};
	if (process_confined)
		return SYSTEM(write, fd, text, size);
	SYSTEM(rt_sigprocmask, (long)SIG_BLOCK, &raised, &before, sizeof(before));
	SYSTEM(rt_sigpending, &pending, sizeof(pending));
	raised &= ~pending; /* those are the program's own */
	long written = SYSTEM(write, fd, text, size);
	int error = errno;
	if (written < 0 && (error == EPIPE || error == EFBIG))
		SYSTEM(rt_sigtimedwait, &raised, NULL, &at_once, sizeof(raised));
	SYSTEM(rt_sigprocmask, (long)SIG_SETMASK, &before, NULL, sizeof(before));
	errno = error;
	return written;
}

static bool write_whole(long fd, const char *text, size_t size)
{
	while (size) {
		long written = write_quietly(fd, text, size);
		if (written <= 0)
			return false;
		text += written;
		size -= (size_t)written;
	}
	return true;
}

/* Descriptor 2 is ours to write to only while it is the file it was at the start: a program may
 * have closed it and been given the number for something else. */
static void write_standard_error(const char *text, size_t size)
{
	struct stat64 now;
	if (!standard_error_known || !may_make_system_calls() ||
		fstat64(STDERR_FILENO, &now) != 0 || now.st_ino != standard_error.st_ino ||
		now.st_dev != standard_error.st_dev)
		return;
	write_whole(STDERR_FILENO, text, size);
}

void say(const char *format, ...)
{
	char line[512];
	struct text t = TEXT_IN(line);
	va_list list;
	text_add(&t, "pollcheck: ");
	va_start(list, format);
	text_add_list(&t, format, list);
	va_end(list);
	t.used = t.used < sizeof(line) - 2 ? t.used : sizeof(line) - 2;
	text_add(&t, "\n");
	write_standard_error(line, t.used);
}

/* A mapping beyond the end of its file gives SIGBUS. */
static bool has_size(long fd, size_t size)
{
	struct stat64 s;
	return fstat64((int)fd, &s) == 0 && s.st_size >= (off_t)size;
}

static void map_channel(const char *path)
{
	long fd = SYSTEM(openat, (long)AT_FDCWD, path, (long)(O_RDWR | O_CLOEXEC | O_NOFOLLOW), 0L);
	if (fd < 0) {
		say("channel=%s cannot be opened: findings go to standard error", path);
		return;
	}
	void *mapped = has_size(fd, sizeof(struct channel))
			       ? mmap(NULL, sizeof(struct channel), PROT_READ | PROT_WRITE,
					 MAP_SHARED, (int)fd, 0)
			       : MAP_FAILED;
	SYSTEM(close, fd);
	channel = mapped == MAP_FAILED ? NULL : mapped;
	if (!channel || channel->magic != CHANNEL_MAGIC ||
		channel->record_size != sizeof(struct channel_record)) {
		say("channel=%s was made by another version of pollcheck: findings go to standard "
		    "error",
			path);
		channel = NULL;
		return;
	}
	atomic_fetch_add(&channel->loaded, 1);
}

void sink_remember_standard_error(void)
{
	standard_error_known = fstat64(STDERR_FILENO, &standard_error) == 0;
}

/* A program that goes to another folder is still meant to write where it was told to at its start.
 */
static const char *from_here(const char *path, char *to, size_t size)
{
	struct text t = {.start = to, .size = size};
	if (!*path || *path == '/' || process_confined || !getcwd(to, size))
		return path;
	t.used = strlen(to);
	text_add(&t, "/%s", path);
	return t.cut ? path : to;
}

/* NO_COLOR and TERM=dumb are what users set against colour everywhere. */
static bool wants_color(void)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");
	return !*config.report_path && !(no && *no) && term && strcmp(term, "dumb") != 0 &&
	       !process_confined && isatty(STDERR_FILENO);
}

void sink_start(void)
{
	static char report_path[PATH_MAX], log_path[PATH_MAX], trace[PATH_MAX];
	config.report_path = from_here(config.report_path, report_path, sizeof(report_path));
	config.log_path = from_here(config.log_path, log_path, sizeof(log_path));
	config.trace = from_here(config.trace, trace, sizeof(trace));
	colored = config.color == COLOR_ALWAYS || (config.color == COLOR_AUTO && wants_color());
	if (*config.channel)
		map_channel(config.channel);
	/* a document has a beginning and an end, and a process may be killed or execute another */
	if (config.report_format == REPORT_SARIF && !channel) {
		say("report_format=sarif: the pollcheck command writes that (pollcheck "
		    "--sarif=FILE); "
		    "without it findings are written as text");
		config.report_format = REPORT_TEXT;
	}
}

void sink_load_suppressions(void)
{
	static char text[65536];
	struct suppression_error error;
	if (!*config.suppressions)
		return;
	long fd = SYSTEM(
		openat, (long)AT_FDCWD, config.suppressions, (long)(O_RDONLY | O_CLOEXEC), 0L);
	long size = fd < 0 ? -1 : SYSTEM(read, fd, text, sizeof(text));
	if (fd >= 0)
		SYSTEM(close, fd);
	if (size < 0)
		say("suppressions=%s cannot be read: nothing is suppressed", config.suppressions);
	else if (!suppress_load(text, (size_t)size, &error))
		say("suppressions=%s, line %u: %s", config.suppressions, error.line, error.reason);
}

/* Once the command has ended, as it does before a daemon in the background, nobody reads on. */
static bool channel_is_read(void)
{
	return channel && !atomic_load(&channel->closed);
}

static struct channel_record *next_record(void)
{
	uint32_t index = atomic_fetch_add(&channel->next, 1);
	return index < CHANNEL_SLOTS ? &channel->records[index] : NULL;
}

bool sink_channel_finding(const struct finding *f)
{
	bool read = channel_is_read();
	struct channel_record *record = read ? next_record() : NULL;
	if (record) {
		record->finding = *f;
		atomic_store_explicit(&record->kind, RECORD_FINDING, memory_order_release);
	}
	return read;
}

bool sink_channel_summary(const struct summary *s)
{
	bool read = channel_is_read();
	struct channel_record *record = read ? next_record() : NULL;
	if (record) {
		record->summary = *s;
		atomic_store_explicit(&record->kind, RECORD_SUMMARY, memory_order_release);
	}
	return read;
}

bool sink_colored(void)
{
	return colored;
}

static long open_to_append(const char *path)
{
	/* O_NONBLOCK: a FIFO without a reader would make the program wait */
	const long flags =
		O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | O_LARGEFILE;
	return SYSTEM(openat, (long)AT_FDCWD, path, flags, 0666L);
}

/* A program without a free descriptor is just the one that has something to report: its soft limit
 * is one higher for the moment the file is open, where the hard limit allows. */
static long open_beyond_limit(const char *path)
{
	struct rlimit limit, raised;
	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= limit.rlim_max)
		return -1;
	raised = limit;
	raised.rlim_cur++;
	if (REAL(setrlimit)(RLIMIT_NOFILE, &raised) != 0)
		return -1;
	long fd = open_to_append(path);
	REAL(setrlimit)(RLIMIT_NOFILE, &limit);
	return fd;
}

static bool append_undisturbed(const char *path, const char *text, size_t size)
{
	long fd = open_to_append(path);
	if (fd < 0 && errno == EMFILE)
		fd = open_beyond_limit(path);
	if (fd < 0)
		return false;
	bool whole = write_whole(fd, text, size);
	KEEP_ERRNO;
	SYSTEM(close, fd);
	return whole;
}

static bool append(const char *path, const char *text, size_t size)
{
	uint64_t blocked = process_signals_off();
	bool whole = append_undisturbed(path, text, size);
	KEEP_ERRNO;
	process_signals_back(blocked);
	return whole;
}

/* False when it must go elsewhere; says so the first time. */
static bool appended(
	const char *option, const char *path, const char *text, size_t size, const char *instead)
{
	static _Atomic bool said;
	if (append(path, text, size))
		return true;
	if (!atomic_exchange(&said, true))
		say("%s=%s cannot be written: %s; %s", option, path, strerrordesc_np(errno),
			instead);
	return false;
}

void sink_log(const char *text, size_t size)
{
	if (!may_make_system_calls())
		return;
	if (*config.log_path)
		appended("log_path", config.log_path, text, size, "calls are not logged");
	else
		write_standard_error(text, size);
}

void sink_report(const char *text, size_t size)
{
	char path[PATH_MAX + 16];
	struct text t = TEXT_IN(path);
	if (!may_make_system_calls())
		return;
	text_add(&t, "%s", config.report_path);
	/* what comes after the command has written its document must not spoil that */
	if (process_is_forked_child() || config.report_format == REPORT_SARIF)
		text_add(&t, ".%d", process_pid());
	if (!*config.report_path ||
		!appended("report_path", path, text, size, "findings go to standard error"))
		write_standard_error(text, size);
}

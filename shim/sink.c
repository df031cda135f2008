/* Writes. All of it with plain system calls: no stdio, no cancellation point, no lock. */
#include "sink.h"

#include "config.h"
#include "process.h"
#include "say.h"
#include "suppress.h"
#include "text.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>

static struct channel *channel;
static struct stat standard_error;
static bool standard_error_known, colored;

/* Descriptor 2 is ours to write to only while it is the file it was at the start: a program may
 * have closed it and been given the number for something else. */
static void write_standard_error(const char *text, size_t size)
{
	struct stat now;
	if (!standard_error_known || !may_make_system_calls() || fstat(STDERR_FILENO, &now) != 0 ||
		now.st_ino != standard_error.st_ino || now.st_dev != standard_error.st_dev)
		return;
	while (size) {
		long written = SYSTEM(write, (long)STDERR_FILENO, text, size);
		if (written < 0)
			return;
		text += written;
		size -= (size_t)written;
	}
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

static void map_channel(const char *path)
{
	long fd = SYSTEM(openat, (long)AT_FDCWD, path, (long)(O_RDWR | O_CLOEXEC | O_NOFOLLOW), 0L);
	if (fd < 0) {
		say("channel=%s cannot be opened: findings go to standard error", path);
		return;
	}
	void *mapped =
		mmap(NULL, sizeof(struct channel), PROT_READ | PROT_WRITE, MAP_SHARED, (int)fd, 0);
	SYSTEM(close, fd);
	if (mapped == MAP_FAILED)
		return;
	channel = mapped;
	if (channel->magic != CHANNEL_MAGIC ||
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
	standard_error_known = fstat(STDERR_FILENO, &standard_error) == 0;
}

void sink_start(void)
{
	colored = config.color == COLOR_ALWAYS ||
		  (config.color == COLOR_AUTO && !*config.report_path && isatty(STDERR_FILENO));
	if (*config.channel)
		map_channel(config.channel);
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
	const long flags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY;
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

void sink_append(const char *path, const char *text, size_t size)
{
	if (!may_make_system_calls())
		return;
	long fd = *path ? open_to_append(path) : -1;
	if (fd < 0 && *path && errno == EMFILE)
		fd = open_beyond_limit(path);
	if (fd < 0) {
		write_standard_error(text, size);
		return;
	}
	SYSTEM(write, fd, text, size);
	SYSTEM(close, fd);
}

void sink_report(const char *text, size_t size)
{
	char path[4200];
	struct text t = TEXT_IN(path);
	text_add(&t, "%s", config.report_path);
	if (process_is_forked_child() && *config.report_path)
		text_add(&t, ".%ld", may_make_system_calls() ? SYSTEM(getpid) : 0);
	sink_append(path, text, size);
}

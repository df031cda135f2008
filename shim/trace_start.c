/* Begins a trace: the memory it needs, its folder, its metadata. */
#include "trace.h"

#include "config.h"
#include "process.h"
#include "say.h"
#include "stack.h"
#include "trace_metadata.h"
#include "trace_stream.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>

HOT _Atomic bool trace_on;
struct trace_memory *trace_memory;

enum { NOT_YET, BEGINNING, BEGUN, IMPOSSIBLE };
enum { METADATA_MOST = 64 << 10, PROGRAMS_MOST = 10000 };

static bool refused(const char *why, const char *hint)
{
	say("trace=%s: %s; nothing is recorded%s", config.trace, why, hint);
	return false;
}

/* --- the folder and its metadata --- */

/* Sticky: nobody else can have put another file in the place of what was just made. */
static void share_with_group(const char *made)
{
	KEEP_ERRNO;
	struct stat in;
	if (stat(config.trace, &in) == 0 && (in.st_mode & 07777) == TRACE_OF_GROUP)
		chmod(made, TRACE_OF_GROUP);
}

/* A process that executes programs has a folder for each. */
static bool folder_made(struct ring *r, int pid)
{
	SYSTEM(mkdirat, (long)AT_FDCWD, config.trace, 0700L);
	for (unsigned n = 0; n < PROGRAMS_MOST; n++) {
		struct text t = TEXT_IN(r->folder);
		text_add(&t, "%s/%d.%u", config.trace, pid, n);
		if (t.cut)
			errno = ENAMETOOLONG;
		else if (SYSTEM(mkdirat, (long)AT_FDCWD, r->folder, 0700L) == 0) {
			share_with_group(r->folder);
			return true;
		}
		if (errno != EEXIST)
			break;
	}
	return false;
}

static void read_boot(char *boot, size_t size)
{
	static const char path[] = "/proc/sys/kernel/random/boot_id";
	long fd = SYSTEM(openat, (long)AT_FDCWD, path, (long)(O_RDONLY | O_CLOEXEC), 0L);
	long got = fd < 0 ? 0 : SYSTEM(read, fd, boot, size - 1);
	if (fd >= 0)
		SYSTEM(close, fd);
	boot[got == (long)size - 1 ? got : 0] = '\0';
}

/* Different for each process of one machine; nothing secret hangs on it. */
static void make_uuid(uint8_t *uuid, int pid)
{
	uint64_t seed = process_now() ^ (uint64_t)pid << 40 ^ (uintptr_t)&seed;
	for (int i = 0; i < 16; i++) {
		seed = (seed ^ seed >> 29) * 0x9e3779b97f4a7c15u;
		uuid[i] = (uint8_t)(seed >> 56);
	}
}

static int64_t offset_to_epoch(void)
{
	struct timespec now;
	int64_t before = (int64_t)process_now();
	clock_gettime(CLOCK_REALTIME, &now);
	int64_t middle = before + ((int64_t)process_now() - before) / 2;
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec - middle;
}

/* Children share it, so that their events and their parent's are in order. */
static int64_t offset(void)
{
	static int64_t once;
	if (!once)
		once = offset_to_epoch();
	return once;
}

static void describe(struct text *t, const struct ring *r, int pid)
{
	struct trace_about about = {.offset_ns = offset(),
		.pid = pid,
		.parent = (int)SYSTEM(getppid),
		.clock = trace_clock_source(),
		.program = module_program(),
		.trace_size = config.trace_size};
	memcpy(about.uuid, r->uuid, sizeof(about.uuid));
	read_boot(about.boot, sizeof(about.boot));
	trace_metadata(t, &about);
}

/* Whole before it bears its name. */
static bool text_written(const char *folder, const char *text, size_t size)
{
	const long flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
	long in = SYSTEM(
		openat, (long)AT_FDCWD, folder, (long)(O_PATH | O_DIRECTORY | O_CLOEXEC), 0L);
	long fd = SYSTEM(openat, in, ".metadata", flags, 0600L);
	bool whole = fd >= 0 && SYSTEM(write, fd, text, size) == (long)size &&
		     SYSTEM(renameat2, in, ".metadata", in, "metadata", 0L) == 0;
	KEEP_ERRNO;
	if (fd >= 0)
		SYSTEM(close, fd);
	if (in >= 0)
		SYSTEM(close, in);
	return whole;
}

static bool metadata_made(const struct ring *r, int pid)
{
	char *text = process_memory(METADATA_MOST);
	struct text t = {.start = text, .size = METADATA_MOST};
	if (!text)
		return false;
	describe(&t, r, pid);
	bool made = text_written(r->folder, text, t.used);
	KEEP_ERRNO;
	munmap(text, METADATA_MOST);
	return made;
}

static bool begin(void)
{
	struct ring *r = &trace_memory->ring;
	int pid = trace_memory->pid = process_pid();
	r->limit = config.trace_size ? (uint64_t)config.trace_size << 20 : UINT64_MAX;
	make_uuid(r->uuid, pid);
	return (folder_made(r, pid) && metadata_made(r, pid)) ||
	       refused(strerrordesc_np(errno), trace_hint(errno));
}

bool trace_begun(void)
{
	uint32_t state = NOT_YET;
	if (!atomic_compare_exchange_strong(&trace_memory->state, &state, BEGINNING))
		return state == BEGUN;
	bool begun = may_make_system_calls() && begin();
	if (!begun)
		PUT(trace_on, false);
	atomic_store(&trace_memory->state, begun ? BEGUN : IMPOSSIBLE);
	return begun;
}

void trace_start(void)
{
	if (!*config.trace)
		return;
	trace_memory = process_confined ? NULL : process_memory(sizeof(*trace_memory));
	if (process_confined)
		refused("the program was started under a seccomp filter", "");
	else if (!trace_memory ||
		 madvise(trace_memory, sizeof(*trace_memory), MADV_WIPEONFORK) != 0)
		refused("memory that forks do not inherit needs Linux 4.14", "");
	else {
		trace_calls_start();
		trace_clock_start();
		PUT(trace_on, true);
		trace_begun();
	}
}

void trace_sandboxed(bool strict)
{
	struct stream *s = stream_mine();
	if (!s)
		return;
	stream_stock(s);
	s->clock.ns = trace_clock_now(&s->clock);
	s->clock.valid = 0;
	s->clock.stopped = strict;
}

void trace_not_sandboxed(void)
{
	struct stream *s = stream_mine();
	if (s)
		s->clock.stopped = false;
}

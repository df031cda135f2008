/* Plays the library: maps the channel named in POLLCHECK_OPTIONS and writes what its arguments say,
 * so that the reading side is tested with records no well-behaved library would write. */
#include "finding.h"

#include <err.h>
#include <fcntl.h>
#include <link.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static struct channel *channel;

static void map_channel(void)
{
	const char *options = getenv("POLLCHECK_OPTIONS");
	const char *path = options ? strstr(options, "channel=") : NULL;
	int fd = path ? open(path + strlen("channel="), O_RDWR) : -1;
	if (fd < 0)
		err(1, "no channel in POLLCHECK_OPTIONS=%s", options ? options : "");
	channel = mmap(NULL, sizeof(*channel), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (channel == MAP_FAILED || channel->magic != CHANNEL_MAGIC ||
		channel->record_size != sizeof(struct channel_record))
		errx(1, "the channel is not what finding.h says");
	close(fd);
}

/* The slot is claimed but whole only after finish; NULL when the channel is full. */
static struct channel_record *claim(void)
{
	unsigned slot = atomic_fetch_add(&channel->next, 1);
	return slot < CHANNEL_SLOTS ? &channel->records[slot] : NULL;
}

static void finish(struct channel_record *r, enum record_kind kind)
{
	atomic_store_explicit(&r->kind, kind, memory_order_release);
}

static int read_build_id(struct dl_phdr_info *info, size_t size, void *to)
{
	struct frame *f = to;
	(void)size;
	f->offset -= info->dlpi_addr; /* the first object is the program itself */
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &info->dlpi_phdr[i];
		const ElfW(Nhdr) *note = (const void *)(info->dlpi_addr + p->p_vaddr);
		if (p->p_type != PT_NOTE || note->n_type != NT_GNU_BUILD_ID)
			continue;
		const unsigned char *id = (const unsigned char *)(note + 1) + note->n_namesz;
		for (unsigned b = 0; b < note->n_descsz; b++)
			sprintf(f->build_id + 2 * b, "%02x", id[b]);
	}
	return 1;
}

static __attribute__((noinline)) void describe(struct finding *f, const char *text)
{
	struct frame *frame = &f->stack.frames[0];
	snprintf(f->message, sizeof(f->message), "%s", text);
	snprintf(f->call, sizeof(f->call), "poll([], 0, 0) = 0");
	f->fd = f->epfd = -1;
	f->count = 1;
	f->pid = f->tid = getpid();
	f->stack.depth = 1;
	frame->offset = (uintptr_t)__builtin_return_address(0);
	if (readlink("/proc/self/exe", frame->module, sizeof(frame->module) - 1) < 0)
		err(1, "/proc/self/exe");
	dl_iterate_phdr(read_build_id, frame);
}

static __attribute__((noinline)) void misuse(enum severity severity, const char *text)
{
	struct channel_record *r = claim();
	if (!r)
		return;
	r->finding = (struct finding){.rule = 0, .severity = severity};
	describe(&r->finding, text); /* LINE OF THE CALL */
	finish(r, RECORD_FINDING);
}

static void stale(const char *text)
{
	struct channel_record *r = claim();
	r->finding = (struct finding){.rule = 0, .severity = ERROR};
	describe(&r->finding, text);
	r->finding.stack.frames[0].build_id[0] ^= 1;
	finish(r, RECORD_FINDING);
}

static void garbage(const char *kind)
{
	struct channel_record *r = claim();
	memset(&r->finding, 0x80 + atoi(kind), sizeof(r->finding));
	r->finding.rule = 0;
	finish(r, (enum record_kind)atoi(kind));
}

static void summary(const char *coverage)
{
	struct channel_record *r = claim();
	r->summary = (struct summary){.pid = getpid(), .counts = {7}, .suppressed = 2};
	snprintf(r->summary.coverage, sizeof(r->summary.coverage), "%s", coverage);
	finish(r, RECORD_SUMMARY);
}

static void note(const char *text)
{
	misuse(NOTE, text);
}

static void error(const char *text)
{
	misuse(ERROR, text);
}

static void errors(const char *count)
{
	for (int i = atoi(count); i > 0; i--)
		misuse(ERROR, "one of many");
}

static void hole(const char *text)
{
	(void)text;
	claim();
}

static void end(const char *status)
{
	exit(atoi(status));
}

static void kill_self(const char *number)
{
	raise(atoi(number));
}

/* Goes on once somebody wrote a line: tells that what came before was seen. */
static void wait_line(const char *text)
{
	char line[16];
	if (!fgets(line, sizeof(line), stdin))
		errx(1, "%s: no line on standard input", text);
}

int main(int count, char **words)
{
	static const struct {
		const char *word;
		void (*act)(const char *);
	} acts[] = {{"note", note}, {"error", error}, {"errors", errors}, {"stale", stale},
		{"garbage", garbage}, {"summary", summary}, {"hole", hole}, {"wait", wait_line},
		{"exit", end}, {"kill", kill_self}};
	map_channel();
	atomic_fetch_add(&channel->loaded, 1);
	for (int i = 1; i + 1 < count; i += 2)
		for (unsigned a = 0; a < sizeof(acts) / sizeof(acts[0]); a++)
			if (strcmp(words[i], acts[a].word) == 0)
				acts[a].act(words[i + 1]);
	return 0;
}

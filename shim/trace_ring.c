/* Makes and recycles packets. A file gets all its bytes before it is mapped: storing to a page the
 * disk has no room for would be a SIGBUS. */
#include "trace_ring.h"

#include "config.h"
#include "fdtable.h"
#include "process.h"
#include "say.h"
#include "text.h"

#include <linux/magic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/vfs.h>

#ifndef MADV_POPULATE_WRITE /* musl 1.2.3 */
#define MADV_POPULATE_READ  22
#define MADV_POPULATE_WRITE 23
#endif

uint32_t ring_largest(const struct ring *r)
{
	uint64_t part = r->limit / 16 / PACKET_LEAST * PACKET_LEAST;
	if (part > PACKET_MOST)
		return PACKET_MOST;
	return part < PACKET_LEAST ? PACKET_LEAST : (uint32_t)part;
}

/* --- files --- */

/* Many pages with one call, for which the file system then takes large folios: a page of each costs
 * less to write and to map. */
static long zeros_written(long fd, uint32_t size)
{
	enum { PIECES = 64 };
	static const char zeros[8192];
	struct iovec pieces[PIECES];
	int n = 0;
	for (; n < PIECES && size; n++) {
		size_t part = size < sizeof(zeros) ? size : sizeof(zeros);
		pieces[n] = (struct iovec){(void *)zeros, part};
		size -= (uint32_t)part;
	}
	return SYSTEM(writev, fd, pieces, (long)n);
}

static bool written_whole(long fd, const struct packet *head, uint32_t size)
{
	struct rlimit limit;
	/* a write beyond it would be answered with SIGXFSZ */
	if (getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur < size) {
		errno = EFBIG;
		return false;
	}
	long done = SYSTEM(write, fd, head, sizeof(*head));
	while (done > 0 && size > (uint32_t)done) {
		size -= (uint32_t)done;
		done = zeros_written(fd, size);
	}
	return done > 0;
}

static void *shared(void *where, long fd, uint32_t size)
{
	return mmap(where, size, PROT_READ | PROT_WRITE, MAP_SHARED, (int)fd, 0);
}

/* Within one page table: Linux 6.18 maps a large folio with one fault, but one that lies in two
 * tables page by page. Smaller packets seldom do. */
static void *shared_in_one_table(long fd, uint32_t size)
{
	enum { TABLE = 2 << 20 };
	char *made = shared(NULL, fd, size);
	uintptr_t beyond = ((uintptr_t)made + size) % TABLE;
	if (made == MAP_FAILED || size < PACKET_MOST || beyond == 0 || beyond >= size)
		return made;
	munmap(made, size);
	return shared(made - beyond, fd, size);
}

/* What is mapped for reading can be stored to on tmpfs, and is mapped in sixteens. */
static bool on_tmpfs(long fd)
{
	struct statfs about;
	return fstatfs((int)fd, &about) == 0 && about.f_type == TMPFS_MAGIC;
}

static struct packet *mapped(long fd, const struct packet *head, uint32_t size)
{
	if (!written_whole(fd, head, size))
		return NULL;
	void *made = shared_in_one_table(fd, size);
	if (made == MAP_FAILED)
		return NULL;
	/* Elsewhere each page's first store would fault after MAP_POPULATE (madvise(2); before
	 * Linux 5.14 it does) */
	KEEP_ERRNO;
	madvise(made, size, on_tmpfs(fd) ? MADV_POPULATE_READ : MADV_POPULATE_WRITE);
	return made;
}

/* A hidden name until it is whole: readers of a trace take every other file for a packet. */
static struct packet *made_in(
	long folder, uint32_t number, const struct packet *head, uint32_t size)
{
	char name[16];
	struct text t = TEXT_IN(name);
	text_add(&t, ".%u", number);
	const long flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC | O_LARGEFILE;
	long fd = SYSTEM(openat, folder, name, flags, 0600L);
	if (fd < 0)
		return NULL;
	struct packet *p = mapped(fd, head, size);
	KEEP_ERRNO;
	SYSTEM(close, fd);
	if (!p)
		SYSTEM(unlinkat, folder, name, 0L);
	else if (SYSTEM(renameat2, folder, name, folder, name + 1, 0L) < 0)
		kept_errno = errno;
	return p;
}

static struct packet *file_made(
	const struct ring *r, uint32_t number, const struct packet *head, uint32_t size)
{
	const long flags = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	long folder = SYSTEM(openat, (long)AT_FDCWD, r->folder, flags, 0L);
	if (folder < 0)
		return NULL;
	struct packet *p = made_in(folder, number, head, size);
	KEEP_ERRNO;
	SYSTEM(close, folder);
	return p;
}

/* --- slots --- */

/* Places are few, and not counted. */
static bool counts(const struct packet *head)
{
	return head->stream_id == 0;
}

static bool booked(struct ring *r, uint32_t size, bool beyond)
{
	if (atomic_fetch_add(&r->bytes, size) + size <= r->limit || beyond)
		return true;
	atomic_fetch_sub(&r->bytes, size);
	return false;
}

const char *trace_hint(int error)
{
	return error == EACCES ? "; what gives up its privileges needs a folder of its group, see "
				 "--trace-group in pollcheck(1)"
			       : "";
}

static void say_full(struct ring *r)
{
	atomic_store(&r->full, true);
	if (!atomic_exchange(&r->spoke, true))
		say("trace=%s: no further file can be made there: %s; recording %s%s", config.trace,
			strerrordesc_np(errno),
			GET(r->bytes) ? "goes on over the oldest events" : "ends",
			trace_hint(errno));
}

struct slot *ring_made(struct ring *r, uint32_t size, const struct packet *head, bool beyond)
{
	if (GET(r->full) || !may_make_system_calls() || GET(r->made) >= SLOTS ||
		(counts(head) && !booked(r, size, beyond)))
		return NULL;
	KEEP_ERRNO;
	uint32_t number = atomic_fetch_add(&r->made, 1);
	struct slot *s = number < SLOTS ? &r->slots[number] : NULL;
	uint64_t blocked = process_signals_off();
	struct packet *p = s ? file_made(r, number, head, size) : NULL;
	if (s && !p)
		say_full(r);
	process_signals_back(blocked);
	if (p) {
		s->packet = p;
		s->size = size;
		return s;
	}
	if (counts(head))
		atomic_fetch_sub(&r->bytes, size);
	return NULL;
}

/* Until a thread takes it, each is the one empty packet of a stream that is nobody's. */
void ring_stock(struct ring *r, struct packet *head)
{
	enum { STOCK = 4 };
	uint32_t size = ring_largest(r);
	head->packet_size = size * 8;
	for (int i = 0; i < STOCK; i++) {
		head->stream_instance_id = 1ull << 40 | GET(r->made);
		struct slot *s = ring_made(r, size, head, false);
		if (s)
			atomic_store(&s->finished, 1);
	}
}

static struct slot *oldest_with_room(struct ring *r, uint32_t size, uint64_t *finished)
{
	struct slot *oldest = NULL;
	uint32_t made = GET(r->made);
	for (struct slot *s = r->slots; s < r->slots + (made < SLOTS ? made : SLOTS); s++) {
		uint64_t when = atomic_load_explicit(&s->finished, memory_order_acquire);
		if (when && s->size >= size && (!oldest || when < *finished)) {
			oldest = s;
			*finished = when;
		}
	}
	return oldest;
}

struct slot *ring_oldest(struct ring *r, uint32_t size)
{
	uint64_t finished = 0;
	struct slot *s;
	do
		s = oldest_with_room(r, size, &finished);
	while (s && !atomic_compare_exchange_strong(&s->finished, &finished, 0));
	if (s)
		atomic_fetch_add(&r->overwritten, s->events);
	return s;
}

/* Without a limit nothing is written twice, and what is finished need not stay in memory. */
void ring_finished(struct ring *r, struct slot *s, uint64_t events)
{
	s->events = (uint32_t)events;
	if (r->limit == UINT64_MAX && !GET(r->full) && may_make_system_calls()) {
		KEEP_ERRNO;
		munmap(s->packet, s->size);
		s->packet = NULL;
		return;
	}
	uint64_t when = atomic_fetch_add(&r->finished, 1) + 1;
	atomic_store_explicit(&s->finished, when, memory_order_release);
}

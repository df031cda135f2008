/* Witnesses of the end of descriptors: close and everything that closes inside. */
#include "interpose.h"
#include "interrupted.h"
#include "process.h"
#include "shares.h"
#include "stack.h"
#include "streams.h"
#include "swap.h"

static void closing(int fd, enum call_id id, const void *site)
{
	if (!watched())
		return;
	number_ends(fd, id, site);
	struct fd_record *r = fd_find(fd);
	if (unlikely(r && (GET(r->attention) == EVENT_DELIVERED || GET(r->edge))))
		judge_closing(fd, r, id, site);
	if (unlikely(self.interrupted))
		interrupted_closes(fd);
	fd_closing(fd, site);
}

/* What tells a program that closes all numbers in a row. */
static inline void closes_next(int fd, const void *site)
{
	self.closed_last = fd;
	self.closed_last_site = site;
}

static int closed(int fd, enum call_id id, const void *site, int result)
{
	if (watched()) {
		bool missing = result < 0 && errno == EBADF;
		if (unlikely(missing))
			judge_not_closed(fd, id, site);
		closes_next(fd, missing ? NULL : site);
		/* Linux frees the number even when close(2) fails, except with EBADF. */
		fd_closed(fd, result == 0);
		if (unlikely(GET(wakeups_starved_listener)) && (result == 0 || errno != EBADF))
			wakeups_number_freed();
		if (unlikely(self.ctl_failed && (self.ctl_fd == fd || self.ctl_epfd == fd)))
			self.ctl_failed = false;
	}
	return result;
}

/* The record of a number whose end is of no interest just now. */
static inline __attribute__((always_inline)) struct fd_record *ends_quietly(int fd)
{
	struct fd_record *r = unlikely(waiting_matters(fd)) ? NULL : fd_find(fd);
	if (!r || fd_attended(r) || self.ctl_failed || GET(wakeups_starved_listener) ||
		GET(trace_on))
		return NULL;
	return r;
}

static inline __attribute__((always_inline)) bool ended(
	int fd, struct fd_record *r, const void *site)
{
	uint32_t state = atomic_load_explicit(&r->state, memory_order_acquire);
	if ((state & 3) != FD_OPEN || !swap32(&r->state, &state, (state & ~3u) | FD_CLOSED))
		return false;
	PUT(r->closed_site, site_with_caller(site, __builtin_frame_address(0)));
	PUT(r->closed_thread, (uint16_t)process_thread());
	PUT(r->attention, NOT_OPEN);
	closes_next(fd, site);
	return true;
}

/* The rest is not inlined: its registers would be saved by each close of the quick half. */
__attribute__((noinline)) static int close_closely(int fd, const void *site)
{
	closing(fd, CALL_close, site);
	return closed(fd, CALL_close, site, TRACED_FROM(site, close, fd, (fd)));
}

/* A number that is or was an epoll instance's, or has duplicates. With others left it ends alone,
 * if it never was registered. */
__attribute__((noinline)) static int close_tied(int fd, struct fd_record *r, const void *site)
{
	uint16_t shared = GET(r->shared);
	if (GET(r->instance) || !share_has_others(shared) || !ended(fd, r, site))
		return close_closely(fd, site);
	fd_leaves(shared);
	return REAL(close)(fd);
}

INTERPOSE int close(int fd)
{
	if (unlikely(!watched()))
		return REAL(close)(fd);
	struct fd_record *r = ends_quietly(fd);
	if (unlikely(r && GET(r->ties)))
		return close_tied(fd, r, CALL_SITE);
	if (unlikely(!r || !ended(fd, r, CALL_SITE)))
		return close_closely(fd, CALL_SITE);
	return REAL(close)(fd);
}

INTERPOSE int __close(int fd)
{
	closing(fd, CALL___close, CALL_SITE);
	return closed(fd, CALL___close, CALL_SITE, TRACED(__close, fd, (fd)));
}

static void range_closed(unsigned first, unsigned last, int flags, const void *site)
{
	/* close_range(2): CLOSE_RANGE_UNSHARE gives this thread a table of its own, which ours
	 * cannot show. */
	if ((flags & 2) && process_thread_count() > 1) {
		process_unwatched(UNSHARED_FILES);
		self.passing = true;
	} else if (flags & 4) {
		fd_range_cloexec(first, last);
	} else {
		fd_range_closed(first, last, site);
	}
}

INTERPOSE int close_range(unsigned first, unsigned last, int flags)
{
	int result = REAL(close_range)(first, last, flags);
	if (watched() && result == 0)
		range_closed(first, last, flags, CALL_SITE);
	return result;
}

INTERPOSE void closefrom(int lowest)
{
	REAL(closefrom)(lowest);
	if (watched())
		range_closed(lowest < 0 ? 0 : (unsigned)lowest, ~0u, 0, CALL_SITE);
}

/* A stream of memory has no descriptor, and asking it sets errno. */
static int descriptor_of(FILE *stream)
{
	KEEP_ERRNO;
	return watched() ? fileno_unlocked(stream) : -1;
}

INTERPOSE int fclose(FILE *stream)
{
	int fd = descriptor_of(stream);
	stream_closed(fd);
	closing(fd, CALL_fclose, CALL_SITE);
	return closed(fd, CALL_fclose, CALL_SITE, REAL(fclose)(stream));
}

INTERPOSE int pclose(FILE *stream)
{
	int fd = descriptor_of(stream);
	stream_closed(fd);
	closing(fd, CALL_pclose, CALL_SITE);
	int status = REAL(pclose)(stream);
	closed(fd, CALL_pclose, CALL_SITE, status == -1 ? -1 : 0);
	return status;
}

/* Out of line: closedir's declaration swears its argument is never NULL, and the check would be
 * dropped. */
static __attribute__((noinline)) int descriptor_of_directory(DIR *directory)
{
	return watched() && directory ? dirfd(directory) : -1;
}

INTERPOSE int closedir(DIR *directory)
{
	int fd = descriptor_of_directory(directory);
	closing(fd, CALL_closedir, CALL_SITE);
	return closed(fd, CALL_closedir, CALL_SITE, REAL(closedir)(directory));
}

static FILE *reopened(int was, FILE *stream, const void *site)
{
	if (!watched())
		return stream;
	KEEP_ERRNO;
	fd_closed(was, true);
	if (stream)
		fd_born(fileno_unlocked(stream), FD_UNKNOWN, FD_STDIO, site);
	return stream;
}

INTERPOSE FILE *freopen(const char *path, const char *mode, FILE *stream)
{
	int fd = descriptor_of(stream);
	stream_closed(fd);
	closing(fd, CALL_freopen, CALL_SITE);
	return reopened(fd, REAL(freopen)(path, mode, stream), CALL_SITE);
}

INTERPOSE FILE *freopen64(const char *path, const char *mode, FILE *stream)
{
	int fd = descriptor_of(stream);
	stream_closed(fd);
	closing(fd, CALL_freopen64, CALL_SITE);
	return reopened(fd, REAL(freopen64)(path, mode, stream), CALL_SITE);
}

INTERPOSE FILE *fdopen(int fd, const char *mode)
{
	FILE *stream = REAL(fdopen)(fd, mode);
	if (watched() && stream) {
		KEEP_ERRNO;
		fd_seen(fd);
		fd_flag(fd, FD_STDIO, true);
		stream_opened(stream, fd);
	}
	return stream;
}

/* Streams read and write inside the C library, out of our sight: their descriptors are marked. */
static FILE *streamed(FILE *stream, enum fd_kind kind, const void *site)
{
	if (watched() && stream) {
		KEEP_ERRNO;
		fd_born(fileno_unlocked(stream), kind, FD_STDIO, site);
		stream_opened(stream, fileno_unlocked(stream));
	}
	return stream;
}

INTERPOSE FILE *fopen(const char *path, const char *mode)
{
	return streamed(REAL(fopen)(path, mode), FD_UNKNOWN, CALL_SITE);
}

INTERPOSE FILE *fopen64(const char *path, const char *mode)
{
	return streamed(REAL(fopen64)(path, mode), FD_UNKNOWN, CALL_SITE);
}

INTERPOSE FILE *popen(const char *command, const char *mode)
{
	return streamed(REAL(popen)(command, mode), FD_PIPE, CALL_SITE);
}

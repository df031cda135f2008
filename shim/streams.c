/* Standard input, and the streams whose making was seen. Another thread may be in the middle of a
 * read: a stream that is locked is not looked at, and its buffer is read in a way that cannot
 * fault. */
#include "streams.h"

#include "fetch.h"
#include "judge.h"
#include "rules/rules.h"

#include <stdio_ext.h>
#include <string.h>

enum { STREAMS = 64, LOOKED_AT = 512 };

static struct known {
	FILE *_Atomic stream;
	_Atomic uint64_t whose; /* generation << 32 | fd + 1 */
} known[STREAMS];
static _Atomic bool any;

static uint64_t key_of(int fd, const struct fd_record *r)
{
	return (uint64_t)fd_generation(r) << 32 | ((uint32_t)fd + 1);
}

void stream_opened(FILE *stream, int fd)
{
	struct fd_record *r = fd < 0 ? NULL : fd_find(fd);
	struct known *k = &known[(unsigned)fd % STREAMS];
	if (!r)
		return;
	PUT(k->stream, stream);
	PUT(k->whose, key_of(fd, r));
	PUT(any, true);
}

void stream_closed(int fd)
{
	if (fd >= 0)
		PUT(known[(unsigned)fd % STREAMS].whose, 0);
}

static FILE *stream_of(int fd)
{
	struct fd_record *r = fd < 0 ? NULL : fd_find(fd);
	struct known *k = &known[(unsigned)fd % STREAMS];
	if (r && GET(k->whose) == key_of(fd, r))
		return GET(k->stream);
	return fd == 0 && fileno_unlocked(stdin) == 0 ? stdin : NULL;
}

/* The unread part of a stream's buffer; NULL where the C library does not show it. */
static const char *unread_part(FILE *stream, size_t *size)
{
#ifdef __GLIBC__
	const char *from = stream->_IO_read_ptr, *to = stream->_IO_read_end;
	*size = from && to > from ? (size_t)(to - from) : 0;
	return from;
#else
	return __freadptr(stream, size);
#endif
}

size_t stream_line_unread(int fd)
{
	char start[LOOKED_AT];
	size_t size = 0;
	FILE *stream = stream_of(fd);
	if (!stream || ftrylockfile(stream) != 0)
		return 0;
	const char *part = unread_part(stream, &size);
	size_t look = size < sizeof(start) ? size : sizeof(start);
	bool line = part && size && fetch(start, part, look) && memchr(start, '\n', look);
	funlockfile(stream);
	return line ? size : 0;
}

static void tell(const struct call *c, int fd, size_t unread)
{
	struct evidence e = evidence_for(fd, c->epfd);
	e.n = (int64_t)unread;
	e.confirmed_by = "the stream's buffer";
	judge(WHEN_BUFFERED, c, &e);
}

void stream_reported(const struct call *c, int fd)
{
	KEEP_ERRNO;
	size_t unread = stream_line_unread(fd);
	if (unread)
		tell(c, fd, unread);
}

/* Of select nobody can say: it has cleared its sets. */
static bool waited_for(const struct call *c, int fd)
{
	return c->epfd >= 0 ? interest_of(interest_instance(c->epfd, false), fd) != NULL
			    : c->array && set_asks(c, fd, POLLIN);
}

static void look(const struct call *c, int fd)
{
	size_t unread = stream_line_unread(fd);
	if (unread && waited_for(c, fd))
		tell(c, fd, unread);
}

void streams_waited(const struct call *c)
{
	look(c, 0);
	for (int i = 0; GET(any) && i < STREAMS; i++) {
		int fd = (int)(uint32_t)GET(known[i].whose) - 1;
		if (fd > 0)
			look(c, fd);
	}
}

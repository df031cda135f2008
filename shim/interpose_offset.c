/* Witnesses of input and output at an offset, formatted, or asynchronous. On what has no offset,
 * preadv2 and pwritev2 with offset -1 are readv and writev (readv(2)), and POSIX aio reads and
 * writes. */
#include "interpose_io.h"

#include <stdarg.h>

#define PREAD(name, offset_type)                                                                   \
	INTERPOSE ssize_t name(int fd, void *buffer, size_t size, offset_type offset)              \
	{                                                                                          \
		if (likely(!witnessed(fd)))                                                        \
			return REAL(name)(fd, buffer, size, offset);                               \
		input_begins(CALL_##name, CALL_SITE, fd, 0);                                       \
		return input(fd, TRACED(name, fd, (fd, buffer, size, offset)), size, 0);           \
	}
PREAD(pread, off_t)
PREAD(pread64, off64_t)
PREAD(__pread64, off64_t)

INTERPOSE ssize_t __pread_chk(int fd, void *buffer, size_t size, off_t offset, size_t room)
{
	if (likely(!witnessed(fd)))
		return REAL(__pread_chk)(fd, buffer, size, offset, room);
	input_begins(CALL___pread_chk, CALL_SITE, fd, 0);
	return input(fd, TRACED(__pread_chk, fd, (fd, buffer, size, offset, room)), size, 0);
}

INTERPOSE ssize_t __pread64_chk(int fd, void *buffer, size_t size, off64_t offset, size_t room)
{
	if (likely(!witnessed(fd)))
		return REAL(__pread64_chk)(fd, buffer, size, offset, room);
	input_begins(CALL___pread64_chk, CALL_SITE, fd, 0);
	return input(fd, TRACED(__pread64_chk, fd, (fd, buffer, size, offset, room)), size, 0);
}

#define PREADV(name, offset_type)                                                                  \
	INTERPOSE ssize_t name(int fd, const struct iovec *vector, int count, offset_type offset)  \
	{                                                                                          \
		if (likely(!witnessed(fd)))                                                        \
			return REAL(name)(fd, vector, count, offset);                              \
		input_begins(CALL_##name, CALL_SITE, fd, 0);                                       \
		return input(fd, TRACED(name, fd, (fd, vector, count, offset)), count > 0, 0);     \
	}
PREADV(preadv, off_t)
PREADV(preadv64, off64_t)

#define PREADV2(name, offset_type)                                                                 \
	INTERPOSE ssize_t name(                                                                    \
		int fd, const struct iovec *vector, int count, offset_type offset, int flags)      \
	{                                                                                          \
		if (likely(!witnessed(fd)))                                                        \
			return REAL(name)(fd, vector, count, offset, flags);                       \
		input_begins(CALL_##name, CALL_SITE, fd, 0);                                       \
		return input(                                                                      \
			fd, TRACED(name, fd, (fd, vector, count, offset, flags)), count > 0, 0);   \
	}
PREADV2(preadv2, off_t)
PREADV2(preadv64v2, off64_t)

#define PWRITE(name, offset_type)                                                                  \
	INTERPOSE ssize_t name(int fd, const void *buffer, size_t size, offset_type offset)        \
	{                                                                                          \
		if (likely(!witnessed(fd)))                                                        \
			return REAL(name)(fd, buffer, size, offset);                               \
		return output(                                                                     \
			CALL_##name, fd, TRACED(name, fd, (fd, buffer, size, offset)), size);      \
	}
PWRITE(pwrite, off_t)
PWRITE(pwrite64, off64_t)
PWRITE(__pwrite64, off64_t)

#define PWRITEV(name, offset_type)                                                                 \
	INTERPOSE ssize_t name(int fd, const struct iovec *vector, int count, offset_type offset)  \
	{                                                                                          \
		if (likely(!witnessed(fd)))                                                        \
			return REAL(name)(fd, vector, count, offset);                              \
		return output(CALL_##name, fd, TRACED(name, fd, (fd, vector, count, offset)), 0);  \
	}
PWRITEV(pwritev, off_t)
PWRITEV(pwritev64, off64_t)

#define PWRITEV2(name, offset_type)                                                                \
	INTERPOSE ssize_t name(                                                                    \
		int fd, const struct iovec *vector, int count, offset_type offset, int flags)      \
	{                                                                                          \
		if (likely(!witnessed(fd)))                                                        \
			return REAL(name)(fd, vector, count, offset, flags);                       \
		return output(                                                                     \
			CALL_##name, fd, TRACED(name, fd, (fd, vector, count, offset, flags)), 0); \
	}
PWRITEV2(pwritev2, off_t)
PWRITEV2(pwritev64v2, off64_t)

/* --- formatted: a variadic call cannot be passed on but to the one that takes a list --- */

INTERPOSE int vdprintf(int fd, const char *format, va_list list)
{
	return (int)output(CALL_vdprintf, fd, REAL(vdprintf)(fd, format, list), 0);
}

INTERPOSE int __vdprintf_chk(int fd, int flag, const char *format, va_list list)
{
	return (int)output(
		CALL___vdprintf_chk, fd, REAL(__vdprintf_chk)(fd, flag, format, list), 0);
}

INTERPOSE int dprintf(int fd, const char *format, ...)
{
	va_list list;
	va_start(list, format);
	int result = REAL(vdprintf)(fd, format, list);
	va_end(list);
	return (int)output(CALL_dprintf, fd, result, 0);
}

INTERPOSE int __dprintf_chk(int fd, int flag, const char *format, ...)
{
	va_list list;
	va_start(list, format);
	int result = REAL(__vdprintf_chk)(fd, flag, format, list);
	va_end(list);
	return (int)output(CALL___dprintf_chk, fd, result, 0);
}

/* --- aio(7): a thread of the C library does it, out of sight; asking for it serves the event ---
 */

#define AIO(name, type)                                                                            \
	INTERPOSE int name(struct type *request)                                                   \
	{                                                                                          \
		int result = REAL(name)(request);                                                  \
		return result < 0 ? result : used(request->aio_fildes, result);                    \
	}
AIO(aio_read, aiocb)
AIO(aio_read64, aiocb64)
AIO(aio_write, aiocb)
AIO(aio_write64, aiocb64)

/* --- terminals: ioctls the C library makes inside; tcflush(3) discards what was reported --- */

INTERPOSE int tcflush(int fd, int which)
{
	return used(fd, TRACED(tcflush, fd, (fd, which)));
}

INTERPOSE int tcdrain(int fd)
{
	return used(fd, TRACED(tcdrain, fd, (fd)));
}

INTERPOSE int tcsetattr(int fd, int when, const struct termios *settings)
{
	return used(fd, TRACED(tcsetattr, fd, (fd, when, settings)));
}

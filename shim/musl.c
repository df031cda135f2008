/* What glibc has and musl lacks, for our own use: names of errors and signals, and the object an
 * address is in. Empty with glibc. */
#include "calls.h"

#ifndef __GLIBC__

#include <errno.h>
#include <stdbool.h>
#include <string.h>

const char *strerrorname_np(int error)
{
	static const char *const names[] = {
#define E(name) [name] = #name
		E(EPERM),
		E(ENOENT),
		E(ESRCH),
		E(EINTR),
		E(EIO),
		E(ENXIO),
		E(E2BIG),
		E(ENOEXEC),
		E(EBADF),
		E(ECHILD),
		E(EAGAIN),
		E(ENOMEM),
		E(EACCES),
		E(EFAULT),
		E(EBUSY),
		E(EEXIST),
		E(EXDEV),
		E(ENODEV),
		E(ENOTDIR),
		E(EISDIR),
		E(EINVAL),
		E(ENFILE),
		E(EMFILE),
		E(ENOTTY),
		E(EFBIG),
		E(ENOSPC),
		E(ESPIPE),
		E(EROFS),
		E(EPIPE),
		E(ERANGE),
		E(EDEADLK),
		E(ENAMETOOLONG),
		E(ENOSYS),
		E(ELOOP),
		E(EOVERFLOW),
		E(ENOTSOCK),
		E(EOPNOTSUPP),
		E(EADDRINUSE),
		E(ENETDOWN),
		E(ENETUNREACH),
		E(ECONNABORTED),
		E(ECONNRESET),
		E(ENOBUFS),
		E(ENOTCONN),
		E(ETIMEDOUT),
		E(ECONNREFUSED),
		E(EHOSTUNREACH),
		E(EALREADY),
		E(EINPROGRESS),
		E(ECANCELED),
#undef E
	};
	return error >= 0 && error < (int)(sizeof(names) / sizeof(names[0])) ? names[error] : NULL;
}

const char *strerrordesc_np(int error)
{
	return strerror(error);
}

const char *sigabbrev_np(int number)
{
	static const char *const names[] = {
#define S(name) [SIG##name] = #name
		S(HUP),
		S(INT),
		S(QUIT),
		S(ILL),
		S(TRAP),
		S(ABRT),
		S(BUS),
		S(FPE),
		S(KILL),
		S(USR1),
		S(SEGV),
		S(USR2),
		S(PIPE),
		S(ALRM),
		S(TERM),
		S(STKFLT),
		S(CHLD),
		S(CONT),
		S(STOP),
		S(TSTP),
		S(TTIN),
		S(TTOU),
		S(URG),
		S(XCPU),
		S(XFSZ),
		S(VTALRM),
		S(PROF),
		S(WINCH),
		S(POLL),
		S(PWR),
		S(SYS),
#undef S
	};
	return number >= 0 && number < (int)(sizeof(names) / sizeof(names[0])) ? names[number]
									       : NULL;
}

/* --- objects --- */

struct search {
	ElfW(Addr) address;
	struct dl_find_object *found;
	bool first;
};

static void *mapped(const struct dl_phdr_info *info, const ElfW(Phdr) * p)
{
	return (void *)(info->dlpi_addr + p->p_vaddr);
}

static bool holds(const struct dl_phdr_info *info, ElfW(Addr) address)
{
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &info->dlpi_phdr[i];
		if (p->p_type == PT_LOAD && address - (ElfW(Addr))mapped(info, p) < p->p_memsz)
			return true;
	}
	return false;
}

static int visit(struct dl_phdr_info *info, size_t size, void *argument)
{
	(void)size;
	struct search *s = argument;
	bool program = s->first; /* the program comes first, and glibc gives it no name */
	s->first = false;
	if (!holds(info, s->address))
		return 0;
	_Static_assert(sizeof(struct link_map) <= sizeof(s->found->reserved), "fits");
	struct link_map *map = s->found->dlfo_link_map = (void *)s->found->reserved;
	map->l_addr = info->dlpi_addr;
	map->l_name = program ? "" : (char *)info->dlpi_name;
	for (int i = info->dlpi_phnum - 1; i >= 0; i--) {
		const ElfW(Phdr) *p = &info->dlpi_phdr[i];
		if (p->p_type == PT_LOAD)
			s->found->dlfo_map_start = mapped(info, p);
		else if (p->p_type == PT_DYNAMIC)
			map->l_ld = mapped(info, p);
		else if (p->p_type == PT_GNU_EH_FRAME)
			s->found->dlfo_eh_frame = mapped(info, p);
	}
	return 1;
}

/* Unlike glibc's this waits for a dlopen(3) in another thread; musl has no other way to ask. */
int _dl_find_object(void *address, struct dl_find_object *found)
{
	struct search s = {(ElfW(Addr))address, found, true};
	memset(found, 0, sizeof(*found));
	return dl_iterate_phdr(visit, &s) && found->dlfo_eh_frame ? 0 : -1;
}

#endif

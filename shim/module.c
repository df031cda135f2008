/* From an address to module, ELF offset, build id and nearest dynamic symbol. _dl_find_object
 * (glibc 2.35, no lock, safe in a signal handler) is what libgcc's unwinder needs, too. Reads only
 * the object's own loaded headers and tables (elf(5)). */
#include "process.h"
#include "stack.h"

#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <string.h>
#include <sys/auxv.h>

struct module {
	const char *path;
	uintptr_t base; /* what is added to an ELF virtual address */
	const ElfW(Ehdr) * header;
	const ElfW(Dyn) * dynamic;
};

/* The main program has no name in the link map; its path is read once, in the constructor. */
static char program_path[sizeof(((struct frame *)0)->module)];

void module_start(void)
{
	if (process_confined) {
		strncpy(program_path, (const char *)getauxval(AT_EXECFN), sizeof(program_path) - 1);
		return;
	}
	long length = SYSTEM(
		readlinkat, AT_FDCWD, "/proc/self/exe", program_path, sizeof(program_path) - 1);
	program_path[length > 0 ? length : 0] = '\0';
}

const char *module_program(void)
{
	return program_path;
}

static bool module_at(const void *address, struct module *m)
{
	struct dl_find_object found = {0};
	/* not its result: musl.c's refuses an object without unwind tables, yet says which */
	_dl_find_object((void *)address, &found);
	if (!found.dlfo_link_map)
		return false;
	const struct link_map *map = found.dlfo_link_map;
	*m = (struct module){map->l_name, map->l_addr, found.dlfo_map_start, map->l_ld};
	return true;
}

bool module_is_ours(const void *address)
{
	struct module ours, other;
	return module_at((const void *)module_at, &ours) && module_at(address, &other) &&
	       ours.header == other.header;
}

static const ElfW(Phdr) * segment(const struct module *m, unsigned type, int nth)
{
	if (memcmp(m->header->e_ident, ELFMAG, SELFMAG) != 0)
		return NULL;
	const ElfW(Phdr) *p = (const void *)((const char *)m->header + m->header->e_phoff);
	for (int i = 0; i < m->header->e_phnum; i++)
		if (p[i].p_type == type && nth-- == 0)
			return &p[i];
	return NULL;
}

static void hexadecimal(char *text, size_t size, const unsigned char *bytes, size_t length)
{
	static const char digits[] = "0123456789abcdef";
	for (size_t i = 0; i < length && 2 * i + 2 < size; i++) {
		*text++ = digits[bytes[i] >> 4];
		*text++ = digits[bytes[i] & 15];
	}
	*text = '\0';
}

static void find_build_id(const struct module *m, char *text, size_t size)
{
	const ElfW(Phdr) * p;
	for (int nth = 0; (p = segment(m, PT_NOTE, nth)); nth++) {
		const char *at = (const char *)m->base + p->p_vaddr, *end = at + p->p_memsz;
		while (at + sizeof(ElfW(Nhdr)) <= end) {
			const ElfW(Nhdr) *note = (const void *)at;
			const char *name = at + sizeof(*note);
			const char *body = name + ((note->n_namesz + 3) & ~3u);
			if (note->n_type == NT_GNU_BUILD_ID && note->n_namesz == 4 &&
				memcmp(name, "GNU", 4) == 0)
				hexadecimal(text, size, (const void *)body, note->n_descsz);
			at = body + ((note->n_descsz + 3) & ~3u);
		}
	}
}

struct symbols {
	const ElfW(Sym) * table;
	const char *names;
	uint32_t count;
};

/* DT_GNU_HASH does not say how many symbols there are: the last chain's end does. */
static uint32_t gnu_hash_count(const uint32_t *hash)
{
	uint32_t buckets = hash[0], first = hash[1], bloom = hash[2], last = 0;
	const uint32_t *bucket = hash + 4 + bloom * (sizeof(ElfW(Addr)) / 4),
		       *chain = bucket + buckets;
	for (uint32_t i = 0; i < buckets; i++)
		last = bucket[i] > last ? bucket[i] : last;
	if (last < first)
		return first;
	while (!(chain[last - first] & 1))
		last++;
	return last + 1;
}

static const void *pointer_in(const struct module *m, ElfW(Addr) value)
{
	/* glibc relocates the dynamic section's pointers in place, except in the vDSO */
	return (const void *)(value < m->base ? value + m->base : value);
}

static struct symbols symbols_of(const struct module *m)
{
	struct symbols s = {0};
	for (const ElfW(Dyn) *d = m->dynamic; d && d->d_tag != DT_NULL; d++) {
		const void *pointer = pointer_in(m, d->d_un.d_ptr);
		if (d->d_tag == DT_SYMTAB)
			s.table = pointer;
		else if (d->d_tag == DT_STRTAB)
			s.names = pointer;
		else if (d->d_tag == DT_GNU_HASH)
			s.count = gnu_hash_count(pointer);
		else if (d->d_tag == DT_HASH)
			s.count = ((const uint32_t *)pointer)[1];
	}
	return s;
}

static void find_function(const struct module *m, uint64_t offset, char *text, size_t size)
{
	struct symbols s = symbols_of(m);
	for (uint32_t i = 0; s.table && s.names && i < s.count; i++) {
		const ElfW(Sym) *symbol = &s.table[i];
		if (ELF64_ST_TYPE(symbol->st_info) != STT_FUNC || symbol->st_shndx == SHN_UNDEF ||
			offset - 1 - symbol->st_value >= symbol->st_size)
			continue;
		strncpy(text, s.names + symbol->st_name, size - 1);
		return;
	}
}

bool is_auditor(const void *address)
{
	struct module m;
	return module_at(address, &m) && strstr(m.path, "/libpollcheck-audit.so");
}

void frame_of(const void *address, struct frame *frame)
{
	struct module m;
	memset(frame, 0, sizeof(*frame));
	if (!module_at(address, &m)) {
		frame->offset = (uintptr_t)address;
		return;
	}
	frame->offset = (uintptr_t)address - m.base;
	strncpy(frame->module, *m.path ? m.path : program_path, sizeof(frame->module) - 1);
	find_build_id(&m, frame->build_id, sizeof(frame->build_id));
	find_function(&m, frame->offset, frame->function, sizeof(frame->function));
}

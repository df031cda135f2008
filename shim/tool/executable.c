/* Reads ELF headers by hand, with every offset checked: libelf is not needed to run a program. */
#include "executable.h"

#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct image {
	const char *start;
	size_t size;
};

static const unsigned char host_order =
	__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? ELFDATA2LSB : ELFDATA2MSB;
static const unsigned char host_class = sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32;

/* NULL when the file does not have so many bytes there, or they are not aligned. */
static const void *at(const struct image *i, uint64_t offset, uint64_t size)
{
	bool inside = offset <= i->size && size <= i->size - offset;
	return inside && offset % _Alignof(ElfW(Ehdr)) == 0 ? i->start + offset : NULL;
}

static void copy_string(const struct image *i, uint64_t offset, char *to, size_t size)
{
	const char *string = offset < i->size ? i->start + offset : "";
	size_t room = offset < i->size ? i->size - offset : 0;
	snprintf(to, size, "%.*s", (int)(room < size ? room : size), string);
}

static const ElfW(Phdr) * segment(const struct image *i, unsigned n)
{
	const ElfW(Ehdr) *header = (const void *)i->start;
	if (n >= header->e_phnum || header->e_phentsize != sizeof(ElfW(Phdr)))
		return NULL;
	return at(i, header->e_phoff + (uint64_t)n * sizeof(ElfW(Phdr)), sizeof(ElfW(Phdr)));
}

/* Where in the file the byte at an address is; the size of the file when it is nowhere. */
static uint64_t file_offset(const struct image *i, uint64_t address)
{
	const ElfW(Phdr) * s;
	for (unsigned n = 0; (s = segment(i, n)); n++)
		if (s->p_type == PT_LOAD && address - s->p_vaddr < s->p_filesz)
			return address - s->p_vaddr + s->p_offset;
	return i->size;
}

static void keep_sanitizer(const char *soname, struct executable *elf)
{
	static const char *const runtimes[] = {"libasan.so", "libclang_rt.asan"};
	for (unsigned r = 0; r < sizeof(runtimes) / sizeof(runtimes[0]); r++)
		if (strncmp(soname, runtimes[r], strlen(runtimes[r])) == 0)
			snprintf(elf->sanitizer, sizeof(elf->sanitizer), "%s", soname);
}

static void read_needed(const struct image *i, const ElfW(Phdr) * dynamic, struct executable *elf)
{
	uint64_t strings = i->size;
	const ElfW(Dyn) *entries = at(i, dynamic->p_offset, dynamic->p_filesz);
	size_t count = entries ? dynamic->p_filesz / sizeof(*entries) : 0;
	for (size_t n = 0; n < count; n++)
		if (entries[n].d_tag == DT_STRTAB)
			strings = file_offset(i, entries[n].d_un.d_ptr);
	for (size_t n = 0; n < count && entries[n].d_tag != DT_NULL; n++) {
		char soname[sizeof(elf->sanitizer)];
		if (entries[n].d_tag != DT_NEEDED)
			continue;
		copy_string(i, strings + entries[n].d_un.d_val, soname, sizeof(soname));
		keep_sanitizer(soname, elf);
	}
}

static void read_segments(const struct image *i, struct executable *elf)
{
	const ElfW(Phdr) * s;
	for (unsigned n = 0; (s = segment(i, n)); n++) {
		if (s->p_type == PT_INTERP)
			copy_string(i, s->p_offset, elf->interpreter, sizeof(elf->interpreter));
		if (s->p_type == PT_DYNAMIC)
			read_needed(i, s, elf);
	}
}

static bool read_image(const struct image *i, struct executable *elf)
{
	const unsigned char *ident = (const void *)i->start;
	if (i->size < sizeof(ElfW(Ehdr)) || memcmp(ident, ELFMAG, SELFMAG) != 0)
		return false;
	elf->class = ident[EI_CLASS];
	elf->order = ident[EI_DATA];
	memcpy(&elf->machine, i->start + offsetof(ElfW(Ehdr), e_machine), sizeof(elf->machine));
	if (elf->order != host_order)
		elf->machine = (uint16_t)(elf->machine << 8 | elf->machine >> 8);
	else if (elf->class == host_class)
		read_segments(i, elf);
	return true;
}

bool executable_read(const char *path, struct executable *elf)
{
	struct stat status;
	struct image image = {MAP_FAILED, 0};
	*elf = (struct executable){0};
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode)) {
		image.size = (size_t)status.st_size;
		image.start = mmap(NULL, image.size, PROT_READ, MAP_PRIVATE, fd, 0);
	}
	close(fd);
	if (image.start == MAP_FAILED)
		return false;
	bool read = read_image(&image, elf);
	munmap((void *)image.start, image.size);
	return read;
}

bool executable_same_kind(const struct executable *a, const struct executable *b)
{
	return a->class == b->class && a->order == b->order && a->machine == b->machine;
}

const char *executable_kind(const struct executable *elf, char name[48])
{
	static const struct {
		uint16_t machine;
		const char *name;
	} machines[] = {{EM_386, "x86"}, {EM_X86_64, "x86-64"}, {EM_ARM, "ARM"},
		{EM_AARCH64, "AArch64"}, {EM_RISCV, "RISC-V"}, {EM_PPC64, "PowerPC"},
		{EM_S390, "s390"}, {EM_MIPS, "MIPS"}};
	const int bits = elf->class == ELFCLASS64 ? 64 : 32;
	snprintf(name, 48, "%d-bit machine %u", bits, elf->machine);
	for (unsigned i = 0; i < sizeof(machines) / sizeof(machines[0]); i++)
		if (machines[i].machine == elf->machine)
			snprintf(name, 48, "%d-bit %s", bits, machines[i].name);
	return name;
}

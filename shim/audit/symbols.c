/* Looks names up by DT_GNU_HASH, as ld.so does. */
#include "symbols.h"

struct tables {
	const ElfW(Sym) * symbols;
	const char *names;
	const uint32_t *hash;
	uintptr_t soname; /* offset in names; 0 when there is none */
};

bool same(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return *a == *b;
}

/* ld.so relocates the pointers of the dynamic section in place, but not in the vDSO, and not in
 * every version before la_objopen is called. */
static const void *pointer_in(const struct link_map *map, uintptr_t value)
{
	return (const void *)(value < map->l_addr ? value + map->l_addr : value);
}

static struct tables tables_of(const struct link_map *map)
{
	struct tables t = {NULL, NULL, NULL, 0};
	for (const ElfW(Dyn) *d = map->l_ld; d && d->d_tag != DT_NULL; d++) {
		const void *pointer = pointer_in(map, d->d_un.d_ptr);
		if (d->d_tag == DT_SYMTAB)
			t.symbols = pointer;
		else if (d->d_tag == DT_STRTAB)
			t.names = pointer;
		else if (d->d_tag == DT_GNU_HASH)
			t.hash = pointer;
		else if (d->d_tag == DT_SONAME)
			t.soname = d->d_un.d_val;
	}
	return t;
}

const char *soname_of(const struct link_map *map)
{
	struct tables t = tables_of(map);
	return t.names && t.soname ? t.names + t.soname : "";
}

static uint32_t hash_of(const char *name)
{
	uint32_t hash = 5381;
	for (; *name; name++)
		hash = hash * 33 + (unsigned char)*name;
	return hash;
}

/* The bloom filter in front of the buckets says of most names that they are not there. */
static bool may_have(const uint32_t *table, uint32_t hash)
{
	const ElfW(Addr) *filter = (const void *)(table + 4);
	const unsigned bits = 8 * sizeof(*filter);
	ElfW(Addr) word = filter[hash / bits % table[2]];
	return word >> hash % bits & word >> (hash >> table[3]) % bits & 1;
}

static bool defines(const struct tables *t, uint32_t index, const char *name)
{
	const ElfW(Sym) *symbol = &t->symbols[index];
	return symbol->st_shndx != SHN_UNDEF && ELF64_ST_TYPE(symbol->st_info) == STT_FUNC &&
	       same(t->names + symbol->st_name, name);
}

uintptr_t symbol_in(const struct link_map *map, const char *name)
{
	struct tables t = tables_of(map);
	uint32_t hash = hash_of(name);
	if (!t.symbols || !t.names || !t.hash || !may_have(t.hash, hash))
		return 0;
	const uint32_t buckets = t.hash[0], first = t.hash[1];
	const uint32_t *bucket = t.hash + 4 + t.hash[2] * (sizeof(ElfW(Addr)) / 4);
	const uint32_t *chain = bucket + buckets;
	uint32_t i = bucket[hash % buckets];
	if (i < first)
		return 0;
	do
		if ((chain[i - first] | 1) == (hash | 1) && defines(&t, i, name))
			return map->l_addr + t.symbols[i].st_value;
	while (!(chain[i++ - first] & 1));
	return 0;
}

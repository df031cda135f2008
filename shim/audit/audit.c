/* An auditor of ld.so (rtld-audit(7)) for callers that LD_PRELOAD does not reach: objects opened
 * with RTLD_DEEPBIND, in namespaces of their own by dlmopen(3), and those that look a function up
 * in a handle by dlsym(3). It has no state of the program's calls: what they are bound to is the
 * preloaded library of the base namespace. It needs no C library, so that no second one is loaded,
 * as an auditor lives in a namespace of its own. */
#include "elsewhere.h"
#include "symbols.h"

#define EXPORTED __attribute__((visibility("default")))

enum kind { CALLER, OURS, C_LIBRARY, INTERPOSER, KINDS };

static const struct link_map *ours;

/* Both in one word, for ld.so keeps one for us with each object. */
static uintptr_t cookie_of(enum kind kind, Lmid_t namespace)
{
	return (uintptr_t)kind | (uintptr_t) namespace << 4;
}

static enum kind kind_in(const uintptr_t *cookie)
{
	return (enum kind)(*cookie & 15);
}

/* Names that programs call; a library that defines one of them hands calls on to the next such
 * library, which would be us again. */
static bool interposes(const struct link_map *map)
{
	for (unsigned i = 0; i < CALLS; i++)
		if (symbol_in(map, call_names[i]))
			return true;
	return false;
}

static enum kind kind_of(const struct link_map *map)
{
	const char *soname = soname_of(map);
	if (same(soname, "libpollcheck.so.0"))
		return OURS;
	if (same(soname, "libc.so.6"))
		return C_LIBRARY;
	return interposes(map) ? INTERPOSER : CALLER;
}

EXPORTED unsigned la_version(unsigned version)
{
	return version < LAV_CURRENT ? version : LAV_CURRENT;
}

EXPORTED unsigned la_objopen(struct link_map *map, Lmid_t namespace, uintptr_t *cookie)
{
	static const unsigned flags[KINDS] = {
		[CALLER] = LA_FLG_BINDFROM, [C_LIBRARY] = LA_FLG_BINDTO};
	enum kind kind = kind_of(map);
	*cookie = cookie_of(kind, namespace);
	if (kind == OURS && namespace == LM_ID_BASE)
		ours = map;
	if (kind == C_LIBRARY)
		elsewhere_c_library(map, namespace);
	return flags[kind];
}

static unsigned call_named(const char *name)
{
	unsigned i = 0;
	while (i < CALLS && !same(call_names[i], name))
		i++;
	return i;
}

static uintptr_t bound(uintptr_t found, const uintptr_t *from, const uintptr_t *to, unsigned *flags,
	const char *name)
{
	*flags |= LA_SYMB_NOPLTENTER | LA_SYMB_NOPLTEXIT;
	unsigned call = call_named(name);
	/* dlsym(3) asks for every pair of objects, whatever la_objopen said */
	if (kind_in(from) != CALLER || kind_in(to) != C_LIBRARY || call == CALLS || !ours)
		return found;
	uintptr_t wrapper = symbol_in(ours, name);
	Lmid_t namespace = (Lmid_t)(*to >> 4);
	if (!wrapper || namespace == LM_ID_BASE)
		return wrapper ? wrapper : found;
	uintptr_t through = elsewhere(namespace, call, wrapper);
	return through ? through : found;
}

#if __ELF_NATIVE_CLASS == 64
#define SYMBIND la_symbind64
#else
#define SYMBIND la_symbind32
#endif

EXPORTED uintptr_t SYMBIND(ElfW(Sym) * symbol, unsigned index, uintptr_t *from, uintptr_t *to,
	unsigned *flags, const char *name)
{
	(void)index;
	return bound(symbol->st_value, from, to, flags, name);
}

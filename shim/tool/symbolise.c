/* Asks elfutils' libdw; without it at build time frames keep module, offset and exported function.
 */
#include "symbolise.h"

#if HAVE_LIBDW

#include "inlined.h"

#include <elfutils/libdwfl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static Dwfl *session(void)
{
	static char *debug_folders;
	static const Dwfl_Callbacks callbacks = {
		.find_elf = dwfl_build_id_find_elf,
		.find_debuginfo = dwfl_standard_find_debuginfo,
		.section_address = dwfl_offline_section_address,
		.debuginfo_path = &debug_folders,
	};
	static Dwfl *dwfl;
	if (!dwfl) {
		unsetenv("DEBUGINFOD_URLS"); /* a report must not wait for downloads */
		dwfl = dwfl_begin(&callbacks);
	}
	return dwfl;
}

struct wanted {
	const char *name;
	Dwfl_Module *module;
};

static int same_name(Dwfl_Module *module, void **data, const char *name, Dwarf_Addr start, void *to)
{
	struct wanted *w = to;
	(void)data;
	(void)start;
	if (strcmp(name, w->name) != 0)
		return DWARF_CB_OK;
	w->module = module;
	return DWARF_CB_ABORT;
}

static bool has_build_id(Dwfl_Module *module, const char *expected)
{
	const unsigned char *bits;
	GElf_Addr address;
	char hex[sizeof(((struct frame *)0)->build_id)] = "";
	int length = dwfl_module_build_id(module, &bits, &address);
	for (int i = 0; i < length && 2 * i + 2 < (int)sizeof(hex); i++)
		snprintf(hex + 2 * i, 3, "%02x", bits[i]);
	return strcmp(hex, expected) == 0;
}

/* A module that cannot be opened is tried again: frames are few and it costs one open(2). */
static Dwfl_Module *module_of(const struct frame *f)
{
	struct wanted w = {.name = f->module};
	if (!session() || (*f->module != '/' && !*f->build_id))
		return NULL;
	dwfl_getmodules(session(), same_name, &w, 0);
	if (!w.module) {
		dwfl_report_begin_add(session());
		w.module = dwfl_report_offline(session(), f->module, f->module, -1);
		dwfl_report_end(session(), NULL, NULL);
	}
	return w.module && has_build_id(w.module, f->build_id) ? w.module : NULL;
}

static void set_function(struct frame *f, const char *name)
{
	/* "poll@@GLIBC_2.2.5": the version is the linker's business */
	snprintf(f->function, sizeof(f->function), "%.*s", (int)strcspn(name, "@"), name);
}

static void set_line(struct frame *f, Dwfl_Module *module, Dwarf_Addr address)
{
	int line = 0;
	Dwfl_Line *found = dwfl_module_getsrc(module, address);
	const char *file = found ? dwfl_lineinfo(found, NULL, &line, NULL, NULL, NULL) : NULL;
	if (file)
		frame_set_line(f, file, (uint32_t)line);
}

/* The offset is a return address: the call is in the bytes before it, maybe on another line and,
 * when the function never returns, in another function. Returns the index of the last frame filled.
 */
static uint32_t fill(struct stack *s, uint32_t i)
{
	GElf_Addr bias;
	struct frame *f = &s->frames[i];
	Dwfl_Module *module = module_of(f);
	if (!module || !f->offset || !dwfl_module_getelf(module, &bias))
		return i;
	Dwarf_Addr address = f->offset + bias - 1;
	set_line(f, module, address);
	i = inlined_expand(s, i, module, address);
	const char *function = dwfl_module_addrname(module, address);
	if (function)
		set_function(&s->frames[i], function);
	return i;
}

void symbolise_stack(struct stack *s)
{
	for (uint32_t i = 0; i < s->depth; i++)
		i = fill(s, i);
}

void symbolise(struct finding *f)
{
	symbolise_stack(&f->stack);
	for (uint32_t i = 0; i < f->related_count; i++)
		symbolise_stack(&f->related[i].stack);
}

#else

void symbolise(struct finding *f)
{
	(void)f;
}

void symbolise_stack(struct stack *s)
{
	(void)s;
}

#endif

/* Reads the scopes around an address from DWARF (DW_TAG_inlined_subroutine), innermost first. */
#if HAVE_LIBDW

#include "inlined.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void frame_set_line(struct frame *f, const char *file, uint32_t line)
{
	size_t length = strlen(file), room = sizeof(f->file) - 1;
	if (length > room)
		snprintf(f->file, sizeof(f->file), "...%s", file + length - (room - 3));
	else
		snprintf(f->file, sizeof(f->file), "%s", file);
	f->line = line;
}

/* dwarf_getscopes goes on with the abstract origin once it met an inlined function; the parents of
 * the innermost concrete scope are the functions that were inlined into each other. */
static int scopes_around(Dwfl_Module *module, Dwarf_Addr address, Dwarf_Die **scopes)
{
	Dwarf_Addr bias = 0;
	Dwarf_Die *unit = dwfl_module_addrdie(module, address, &bias), innermost;
	int count = unit ? dwarf_getscopes(unit, address - bias, scopes) : 0;
	if (count <= 0)
		return 0;
	innermost = (*scopes)[0];
	free(*scopes);
	return dwarf_getscopes_die(&innermost, scopes);
}

static Dwarf_Word number_of(Dwarf_Die *die, unsigned name)
{
	Dwarf_Attribute attribute;
	Dwarf_Word value = 0;
	dwarf_formudata(dwarf_attr(die, name, &attribute), &value);
	return value;
}

static void set_caller_line(struct frame *caller, Dwarf_Die *inlined)
{
	Dwarf_Die unit;
	Dwarf_Files *files;
	const char *file = NULL;
	if (dwarf_diecu(inlined, &unit, NULL, NULL) && dwarf_getsrcfiles(&unit, &files, NULL) == 0)
		file = dwarf_filesrc(files, number_of(inlined, DW_AT_call_file), NULL, NULL);
	frame_set_line(caller, file ? file : "", (uint32_t)number_of(inlined, DW_AT_call_line));
}

/* A second frame like frame i after it, pushing the outermost out of a full stack. */
static void repeat(struct stack *s, uint32_t i)
{
	if (s->depth < FRAMES_MAX)
		s->depth++;
	memmove(&s->frames[i + 1], &s->frames[i], (s->depth - 1 - i) * sizeof(s->frames[0]));
}

uint32_t inlined_expand(struct stack *s, uint32_t i, Dwfl_Module *module, Dwarf_Addr address)
{
	Dwarf_Die *scopes = NULL;
	int count = scopes_around(module, address, &scopes);
	for (int n = 0; n < count && i + 1 < FRAMES_MAX; n++) {
		const char *name = dwarf_diename(&scopes[n]);
		if (dwarf_tag(&scopes[n]) != DW_TAG_inlined_subroutine || !name)
			continue;
		repeat(s, i);
		snprintf(s->frames[i].function, sizeof(s->frames[i].function), "%s", name);
		set_caller_line(&s->frames[++i], &scopes[n]);
	}
	free(scopes);
	return i;
}

#endif

# The pollcheck command. Its own object folder: the library's flags are for code inside other programs.
# of the newest entry of the changelog
VERSION ?= $(shell sed -n '1s/.*(\(.*\)).*/\1/p' ci/debian/changelog)
# What goes into LD_PRELOAD when the installed library is meant. $LIB in it is ld.so's word for the folder of the
# program's own kind of libraries (ld.so(8)): where PREFIX/$LIB is LIBDIR, each program gets the library of its kind.
PRELOAD ?= $(LIBDIR)/$(SONAME)
LIBDW   := $(shell pkg-config --exists libdw 2>/dev/null && echo libdw)
TRACES  := $(shell pkg-config --exists babeltrace2 2>/dev/null && echo babeltrace2)
# renderings, the tables' words, suppressions and bounded text are the library's files, compiled again
TOOL_SOURCES := $(wildcard shim/tool/*.c shim/tool/*.S) \
                $(addprefix shim/,render.c render_call.c render_select.c call_table.c rule_table.c suppress.c text.c)
TOOL_OBJECTS := $(patsubst shim/%,$(BUILD)/tool/%.o,$(TOOL_SOURCES))
TOOL_CFLAGS   = $(POLLCHECK_CFLAGS) -DPOLLCHECK_LIBRARY='"$(LIBDIR)/$(SONAME)"' -DPOLLCHECK_PRELOAD='"$(PRELOAD)"' \
                -DPOLLCHECK_VERSION='"$(VERSION)"' -DHAVE_LIBDW=$(if $(LIBDW),1,0) \
                -DHAVE_BABELTRACE=$(if $(TRACES),1,0) \
                $(if $(LIBDW)$(TRACES),$(shell pkg-config --cflags $(LIBDW) $(TRACES)))
TOOL_LIBRARIES = $(if $(LIBDW)$(TRACES),$(shell pkg-config --libs $(LIBDW) $(TRACES)))

all: $(BUILD)/pollcheck

$(BUILD)/pollcheck: $(TOOL_OBJECTS)
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(TOOL_LIBRARIES)

# LIBDIR is compiled in, so that another one given to `make install` counts
$(BUILD)/tool/flags: export TOOL_FLAGS = $(CC) $(CPPFLAGS) $(CFLAGS) $(TOOL_CFLAGS)
$(BUILD)/tool/flags: FORCE
	@mkdir -p $(@D)
	@printf '%s\n' "$$TOOL_FLAGS" | cmp -s - $@ || printf '%s\n' "$$TOOL_FLAGS" > $@

$(BUILD)/tool/%.o: shim/% $(BUILD)/tool/flags
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(TOOL_CFLAGS) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

$(BUILD)/tool/tool/template.S.o: shim/tool/page/template.html

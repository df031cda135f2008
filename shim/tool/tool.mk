# The pollcheck command. Its own object folder: the library's flags are for code inside other programs.
VERSION ?= 0.1
LIBDW   := $(shell pkg-config --exists libdw 2>/dev/null && echo libdw)
# renderings, rule texts, suppressions and bounded text are the library's files, compiled again
TOOL_SOURCES := $(wildcard shim/tool/*.c) shim/render.c shim/rule_table.c shim/suppress.c shim/text.c
TOOL_OBJECTS := $(patsubst shim/%,$(BUILD)/tool/%.o,$(TOOL_SOURCES))
TOOL_CFLAGS   = $(POLLCHECK_CFLAGS) -DPOLLCHECK_LIBDIR='"$(LIBDIR)"' \
                -DPOLLCHECK_VERSION='"$(VERSION)"' -DHAVE_LIBDW=$(if $(LIBDW),1,0) \
                $(if $(LIBDW),$(shell pkg-config --cflags libdw))

all: $(BUILD)/pollcheck

$(BUILD)/pollcheck: $(TOOL_OBJECTS)
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(if $(LIBDW),$(shell pkg-config --libs libdw))

# LIBDIR is compiled in, so that another one given to `make install` counts
$(BUILD)/tool/flags: FORCE
	@mkdir -p $(@D)
	@echo "$(CC) $(CFLAGS) $(TOOL_CFLAGS)" | cmp -s - $@ || echo "$(CC) $(CFLAGS) $(TOOL_CFLAGS)" > $@

$(BUILD)/tool/%.o: shim/% $(BUILD)/tool/flags
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(TOOL_CFLAGS) $(CFLAGS) -c -o $@ $<

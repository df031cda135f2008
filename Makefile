# pollcheck: `make help` lists the targets. CC, CFLAGS and LDFLAGS are the user's; ours are POLLCHECK_*.
BUILD  ?= build
PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib
BINDIR ?= $(PREFIX)/bin
MANDIR ?= $(PREFIX)/share/man
PYTEST ?= /usr/bin/python3 -m pytest -p no:cacheprovider
CFLAGS ?= -O2 -g
Q       = $(if $(V),,@)
say     = $(if $(V),,@printf '  %-6s %s\n' $(1) $(2))

WARNINGS = -Wall -Wextra -Wpointer-arith -Wstrict-prototypes -Wmissing-prototypes -Wshadow -Wvla \
           $(if $(CI),-Werror)
POLLCHECK_CFLAGS  = -std=gnu11 -D_GNU_SOURCE -Ishim -I$(BUILD) $(WARNINGS) -MMD -MP
# -fexceptions: a cancelled or thrown-through call unwinds our frame. -fno-builtin: we define read, write, …
LIBRARY_CFLAGS    = $(POLLCHECK_CFLAGS) -fPIC -fvisibility=hidden -fexceptions -fno-builtin -fno-plt \
                    -ftls-model=initial-exec -fno-stack-protector -U_FORTIFY_SOURCE -fno-omit-frame-pointer
# static libgcc: its unwinder must not be dlopened in the middle of a signal handler
LIBRARY_LDFLAGS   = -shared -Wl,-z,now -Wl,-z,defs -Wl,-soname,libpollcheck.so -static-libgcc \
                    -Wl,--exclude-libs,ALL
TEST_CFLAGS       = -std=gnu11 -D_GNU_SOURCE -Ishim -Ishim/test -Wall -Wextra -g -O1 -pthread -MMD -MP

LIBRARY_SOURCES := $(wildcard shim/*.c shim/rules/*.c shim/*.S)
LIBRARY_OBJECTS := $(patsubst shim/%,$(BUILD)/shim/%.o,$(LIBRARY_SOURCES))
TEST_PROGRAMS   := $(patsubst shim/test/%.c,$(BUILD)/test/%,$(wildcard shim/test/*/*.c))

.PHONY: all
all: $(BUILD)/libpollcheck.so ## build the library and the command

$(BUILD)/libpollcheck.so: $(LIBRARY_OBJECTS)
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBRARY_LDFLAGS)

$(BUILD)/shim/%.o: shim/% $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(LIBRARY_CFLAGS) $(CFLAGS) -c -o $@ $<

$(BUILD)/test/%: shim/test/%.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(TEST_CFLAGS) -o $@ $<

# rebuilds everything when the compiler or its flags change
$(BUILD)/flags: FORCE
	@mkdir -p $(@D)
	@echo '$(CC) $(CFLAGS) $(LDFLAGS) $(LIBRARY_CFLAGS)' | cmp -s - $@ || \
		echo '$(CC) $(CFLAGS) $(LDFLAGS) $(LIBRARY_CFLAGS)' > $@
FORCE:

.PHONY: clean help
clean: ## remove what was built
	rm -rf $(BUILD)

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sort | sed 's/:.*## /\t/' | expand -t 20

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)

# pollcheck: `make help` lists the targets. CC, CPPFLAGS, CFLAGS and LDFLAGS are the user's; ours are POLLCHECK_*.
BUILD  ?= build
PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib
BINDIR ?= $(PREFIX)/bin
MANDIR ?= $(PREFIX)/share/man
PYTEST ?= /usr/bin/python3 -m pytest -p no:cacheprovider
CFLAGS ?= -O2 -g
Q       = $(if $(V),,@)
say     = $(if $(V),,@printf '  %-6s %s\n' $(1) $(2))

# -Wno-psabi: a note about structs with 64-bit atomics on i386, which never leave the library
WARNINGS = -Wall -Wextra -Wpointer-arith -Wstrict-prototypes -Wmissing-prototypes -Wshadow -Wvla -Wno-psabi \
           $(if $(CI),-Werror)
# -ffile-prefix-map: the same bytes wherever it is built
POLLCHECK_CFLAGS  = -std=gnu11 -D_GNU_SOURCE -Ishim -I$(BUILD) $(WARNINGS) -MMD -MP -ffile-prefix-map=$(CURDIR)=.
# musl-gcc knows musl's headers alone: linux/ and asm/ are the system's
ifneq ($(findstring musl,$(CC)),)
POLLCHECK_CFLAGS += $(addprefix -idirafter ,/usr/include /usr/include/$(shell uname -m)-linux-gnu)
endif
# Unwind tables and no landing pads: a cancelled call unwinds our frame and runs nothing of ours, for an
# asynchronous cancellation (pthread_setcanceltype(3)) comes at any instruction. -fno-builtin: we define read, write, …
LIBRARY_CFLAGS    = $(POLLCHECK_CFLAGS) -fPIC -fvisibility=hidden -fno-exceptions -fasynchronous-unwind-tables -fno-builtin -fno-plt \
                    -ftls-model=initial-exec
# After the user's CFLAGS, where distributions put their hardening: the stack protector reads the thread area, which
# a clone(2) child may not have, and the fortified names are ours to define.
LIBRARY_LAST      = -fno-stack-protector -U_FORTIFY_SOURCE -fno-omit-frame-pointer
# static libgcc: its unwinder must not be dlopened in the middle of a signal handler
LIBRARY_LDFLAGS   = -shared -Wl,-z,now -Wl,-z,defs -Wl,-soname,$(SONAME) -static-libgcc \
                    -Wl,--exclude-libs,ALL -Wl,--eh-frame-hdr
# the number grows when what the library promises to others changes: options, findings, annotations
SONAME            = libpollcheck.so.0
TEST_CFLAGS       = -std=gnu11 -D_GNU_SOURCE -Ishim -Ishim/test -Wall -Wextra -g -O1 -pthread -MMD -MP

LIBRARY := $(BUILD)/libpollcheck.so
.DEFAULT_GOAL := all
include $(wildcard shim/*/*.mk conformance/*.mk fuzz/*.mk ci/*.mk)
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
	$(Q)$(CC) $(LIBRARY_CFLAGS) $(CFLAGS) $(LIBRARY_LAST) -c -o $@ $<

$(BUILD)/test/%: shim/test/%.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(TEST_CFLAGS) -o $@ $<

# rebuilds everything when the compiler or its flags change
$(BUILD)/flags: FORCE
	@mkdir -p $(@D)
	@echo '$(CC) $(CFLAGS) $(LDFLAGS) $(LIBRARY_CFLAGS) $(LIBRARY_LAST)' | cmp -s - $@ || \
		echo '$(CC) $(CFLAGS) $(LDFLAGS) $(LIBRARY_CFLAGS) $(LIBRARY_LAST)' > $@
FORCE:

.PHONY: docs
docs: all ## make shim/RULES.md anew, from rules.def and explain.def
	$(BUILD)/pollcheck rules --markdown > shim/RULES.md.new && mv shim/RULES.md.new shim/RULES.md

JOBS    ?= $(shell nproc)
workers  = $(if $(shell /usr/bin/python3 -c 'import xdist' 2>/dev/null && echo yes),-n $(1))
PARALLEL = $(call workers,$(JOBS))
.PHONY: sanitize ports flood sensitivity demo check test conformance conformance-under lint format bench bench-guard soak real-programs setup

demo: $(LIBRARY) ## the seed's chat server under pollcheck: each way a client can leave, and what is said
	python3 shim/demo/demo.py --library $(LIBRARY)

check: setup all lint test audit conformance-under fuzz-check ## what every change must pass

setup:
	ci/setup check lint page i386

# Three for a core: most of these tests wait for a program that sleeps.
test: all $(TEST_PROGRAMS) ## the library's and the command's tests
	$(PYTEST) -q $(call workers,$(shell expr $(JOBS) \* 3)) shim/test \
		--ignore shim/test/test_sanitizers.py --ignore shim/test/test_ports.py --ignore shim/test/test_flood.py

flood: all $(BUILD)/test/trace/polls ## 8 GiB of events through a trace of 64 MiB (a minute or two)
	$(PYTEST) -q -s shim/test/test_flood.py

ports: all ## the library and its programs on aarch64, i386 and musl (minutes; ci/setup ports)
	$(PYTEST) -q $(call workers,$(shell expr $(JOBS) \* 3)) shim/test/test_ports.py

sanitize: all $(TEST_PROGRAMS) ## valgrind, helgrind, TSan, ASan and UBSan over the library's programs (minutes)
	$(PYTEST) -q $(PARALLEL) shim/test/test_sanitizers.py

# The suite needs pytest alone; UNDER puts any command in front, and so another kernel behind.
conformance: ## the conformance suite, natively or on what UNDER="command prefix" starts
	@mkdir -p $(BUILD)
	$(UNDER) $(PYTEST) -q $(if $(UNDER),,$(PARALLEL)) conformance --results=$(BUILD)/conformance.json

conformance-under: conformance $(LIBRARY) ## the suite under the library: the verdicts must be those just taken without
	LD_PRELOAD=$(abspath $(LIBRARY)) POLLCHECK_OPTIONS=report_path=/dev/null \
		$(PYTEST) -q $(PARALLEL) conformance --results=$(BUILD)/preloaded.json
	/usr/bin/python3 conformance/compare.py $(BUILD)/conformance.json $(BUILD)/preloaded.json

sensitivity: ## break the clauses one at a time in a preload: the suite must notice each
	/usr/bin/python3 conformance/sensitivity/run.py

# SECONDS in a file is the fuzzer's
soak: all $(BUILD)/test/soak/server ## a correct server in a rough world for SECONDS=600: memory, shadow, findings
	/usr/bin/python3 shim/test/soak/run.py --build $(BUILD) --seconds $(if $(filter file,$(origin SECONDS)),600,$(SECONDS))

bench: all $(BENCH_PROGRAMS) ## what a call costs with and without, beside the peers, as ratios of one run; ARGS=--help
	/usr/bin/python3 shim/bench/run.py --build $(BUILD) $(ARGS)

bench-guard: all $(BENCH_PROGRAMS) ## instructions added to a call, by callgrind, against those written down; UPDATE=1
	/usr/bin/python3 shim/bench/guard.py --build $(BUILD) $(if $(UPDATE),--update)

real-programs: all ## redis, nginx, node, CPython's tests, … with and without: same result, nothing said
	ci/real-programs/run --library $(LIBRARY)

lint: ## clang-format, clang-tidy, shellcheck, mandoc; warnings as errors with gcc and clang
	ci/lint

format: ## clang-format all C
	clang-format -i $(shell git ls-files '*.c' '*.h')

.PHONY: clean help
clean: ## remove what was built
	rm -rf $(BUILD)

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sort | sed 's/:.*## /\t/' | expand -t 20

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)

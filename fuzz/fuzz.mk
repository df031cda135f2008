# The hunt for event masks and histories on which kernel, documentation and library disagree.
FUZZ_CFLAGS    = -std=gnu11 -D_GNU_SOURCE -Ishim -Ifuzz $(WARNINGS) -g -MMD -MP
SWEEP_SOURCES := $(wildcard fuzz/sweep/*.c)
EVERY         ?= 1
SECONDS       ?= 60
CLANG         ?= clang

.PHONY: sweep fuzz fuzz-check fuzz-teeth

sweep: $(BUILD)/fuzz/sweep ## every event mask on every state of every kind of descriptor; EVERY=n: each nth
	$(UNDER) $< --every=$(EVERY) --jobs=$(JOBS)

$(BUILD)/fuzz/sweep: $(SWEEP_SOURCES) $(wildcard fuzz/sweep/*.h fuzz/sweep/*.def) shim/bits.def $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(FUZZ_CFLAGS) $(CFLAGS) -o $@ $(SWEEP_SOURCES) -lutil -lrt

# A target is a folder, or a file of fuzz/targets. Each is linked with the library's own sources: its calls
# are the library's, and the engine sees what they reach.
FUZZ_TARGETS := stateful $(patsubst fuzz/targets/%.c,%,$(wildcard fuzz/targets/*.c))
fuzz_sources  = fuzz/target.c $(or $(wildcard fuzz/$(1)/*.c),fuzz/targets/$(1).c)

# The sanitizers' run-time calls setrlimit before it is ready for instrumented code: that name stays libc's.
FUZZ_LIBRARY_CFLAGS = $(filter-out -fPIC -fvisibility=hidden -fno-plt,$(LIBRARY_CFLAGS)) -Wno-unused \
                      -Dsetrlimit=pollcheck_setrlimit -Dsetrlimit64=pollcheck_setrlimit64 -g
FUZZ_LIBRARY := $(wildcard shim/*.c shim/rules/*.c shim/*.S)
SANITIZE      = -fsanitize=address,undefined -fno-sanitize-recover=undefined -O2

# $(call fuzz_build,name,compiler,flags,link flags,main): one build of all targets
comma := ,

define fuzz_build
$(BUILD)/fuzz/$(1)/%.o: % $(BUILD)/flags
	@mkdir -p $$(@D)
	$$(call say,CC,$$@)
	$$(Q)$(2) $$(if $$(filter shim/%,$$<),$$(FUZZ_LIBRARY_CFLAGS),$$(FUZZ_CFLAGS)) $(3) \
		$$(and $$(filter engine,$(1)),$$(filter fuzz/targets/%,$$<),-fsanitize-coverage=trace-cmp) -c -o $$@ $$<
$(foreach target,$(FUZZ_TARGETS),
$(BUILD)/fuzz/$(1)/$(target): $(patsubst %,$(BUILD)/fuzz/$(1)/%.o,$(call fuzz_sources,$(target)) $(5) $(FUZZ_LIBRARY))
	$$(call say,LINK,$$@)
	$$(Q)$(2) $(3) $(4) -rdynamic -o $$@ $$^ -ldl
)
fuzz-build-$(1): $(FUZZ_TARGETS:%=$(BUILD)/fuzz/$(1)/%)
.PHONY: fuzz-build-$(1)
endef
$(eval $(call fuzz_build,engine,$(CLANG),$(SANITIZE) -fsanitize-coverage=inline-8bit-counters$(comma)pc-table,-fsanitize=fuzzer,))
$(eval $(call fuzz_build,replay,$(CC),$(SANITIZE),,fuzz/replay.c))

fuzz: fuzz-build-engine ## SECONDS=60: hunts with all targets; ends on time, and in an error with a reproducer
	fuzz/run --build $(BUILD) --seconds $(SECONDS) --jobs $(JOBS) $(FUZZ_TARGETS)

fuzz-teeth: ## plants faults one at a time in model and library: each must be found
	fuzz/teeth --build $(BUILD) --jobs $(JOBS)

# A part of the sweep, with the library and without; and all that was ever found.
fuzz-check: $(BUILD)/fuzz/sweep $(LIBRARY) fuzz-build-replay ## what make check runs of the fuzzer; seconds
	$< --every=11 --jobs=$(JOBS)
	LD_PRELOAD=$(abspath $(LIBRARY)) POLLCHECK_OPTIONS=report_path=/dev/null $< --under-library --every=13 --jobs=$(JOBS)
	for target in $(FUZZ_TARGETS); do \
		ASAN_OPTIONS=detect_leaks=0 $(BUILD)/fuzz/replay/$$target fuzz/corpus/$$target || exit 1; done

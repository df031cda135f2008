# The hunt for event masks and histories on which kernel, documentation and library disagree.
FUZZ_CFLAGS    = -std=gnu11 -D_GNU_SOURCE -Ishim -Ifuzz $(WARNINGS) -g -MMD -MP
SWEEP_SOURCES := $(wildcard fuzz/sweep/*.c)
EVERY         ?= 1
PART          ?= 1/1
SECONDS       ?= 60
CLANG         ?= clang

.PHONY: sweep fuzz fuzz-targets fuzz-check fuzz-teeth fuzz-stress fuzz-afl coverage

sweep: $(BUILD)/fuzz/sweep ## every event mask on every state of every kind of descriptor; EVERY=n: each nth
	$(UNDER) $< --every=$(EVERY) --jobs=$(JOBS)

# $(call flags_file,words): rebuilds what depends on it when the words change
flags_file = mkdir -p $(@D) && { printf '%s\n' $(1) | cmp -s - $@ || printf '%s\n' $(1) > $@; }

$(BUILD)/fuzz/flags: export FUZZ_FLAGS = $(CC) $(FUZZ_CFLAGS) $(CFLAGS)
$(BUILD)/fuzz/flags: FORCE
	@$(call flags_file,"$$FUZZ_FLAGS")

$(BUILD)/fuzz/sweep: $(SWEEP_SOURCES) $(wildcard fuzz/sweep/*.h fuzz/sweep/*.def) shim/bits.def $(BUILD)/fuzz/flags
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(FUZZ_CFLAGS) $(CFLAGS) -o $@ $(SWEEP_SOURCES) -lutil -lrt

# A target is a folder, or a file of fuzz/targets. Each is linked with the library's own sources: its calls
# are the library's, and the engine sees what they reach. Those that read traces have the command's instead.
FUZZ_READERS := $(if $(TRACES),trace)
FUZZ_WRITERS := stateful names rules $(patsubst fuzz/targets/%.c,%,$(wildcard fuzz/targets/*.c))
FUZZ_TARGETS := $(FUZZ_WRITERS) $(FUZZ_READERS)
fuzz_sources  = fuzz/target.c fuzz/is_json.c $(or $(wildcard fuzz/$(1)/*.c),fuzz/targets/$(1).c)
fuzz_under_test = $(if $(filter $(FUZZ_READERS),$(1)),$(FUZZ_COMMAND),$(FUZZ_LIBRARY))
fuzz_libraries  = $(if $(filter $(FUZZ_READERS),$(1)),$(TOOL_LIBRARIES)) -ldl
# Not a target: the same steps by many threads at once.
STRESS_SOURCES = fuzz/stress/stress.c $(addprefix fuzz/stateful/,step.c system.c system_tcp.c system_ways.c)

# The sanitizers' run-time calls setrlimit before it is ready for instrumented code: that name stays libc's.
FUZZ_LIBRARY_CFLAGS = $(filter-out -fPIC -fvisibility=hidden -fno-plt,$(LIBRARY_CFLAGS)) $(LIBRARY_LAST) -Wno-unused \
                      -Dsetrlimit=pollcheck_setrlimit -Dsetrlimit64=pollcheck_setrlimit64 -g \
                      -D__ehdr_start=fuzz_library_starts -Detext=fuzz_library_ends
# They read frames that are not their own, on purpose (shim/caller.h).
READS_FRAMES := shim/caller.c shim/stack.c
FUZZ_LIBRARY := fuzz/library_starts.c $(wildcard shim/*.c shim/rules/*.c shim/*.S) fuzz/library_ends.c
# main is the engine's
FUZZ_COMMAND := $(filter-out shim/tool/main.c,$(TOOL_SOURCES))
fuzz_cflags   = $(if $(filter shim/tool/%,$(1)),$(TOOL_CFLAGS) -g,\
                $(if $(filter shim/%,$(1)),$(FUZZ_LIBRARY_CFLAGS),$(FUZZ_CFLAGS)))
SANITIZE      = -fsanitize=address,undefined -fno-sanitize-recover=undefined -O2

# $(call fuzz_build,name,compiler,flags,link flags,main): one build of all targets
define fuzz_build
$(BUILD)/fuzz/$(1)/flags: export FUZZ_FLAGS = $(2) $(3) $(4) $$(FUZZ_CFLAGS) $$(FUZZ_LIBRARY_CFLAGS) $$(TOOL_CFLAGS)
$(BUILD)/fuzz/$(1)/flags: FORCE
	@$$(call flags_file,"$$$$FUZZ_FLAGS")
$(BUILD)/fuzz/$(1)/%.o: % $(BUILD)/fuzz/$(1)/flags
	@mkdir -p $$(@D)
	$$(call say,CC,$$@)
	$$(Q)$(2) $$(call fuzz_cflags,$$<) $(3) \
		$$(if $$(filter $$(READS_FRAMES),$$<),-fno-sanitize=address) \
		$$(and $$(filter engine,$(1)),$$(filter fuzz/targets/%,$$<),-fsanitize-coverage=trace-cmp) -c -o $$@ $$<
$(foreach target,$(FUZZ_TARGETS),
$(BUILD)/fuzz/$(1)/$(target): $(patsubst %,$(BUILD)/fuzz/$(1)/%.o,$(call fuzz_sources,$(target)) $(5) $(call fuzz_under_test,$(target))) $(BUILD)/fuzz/$(1)/flags
	$$(call say,LINK,$$@)
	$$(Q)$(2) $(3) $(4) -rdynamic -o $$@ $$(filter %.o,$$^) $$(call fuzz_libraries,$(target))
)
$(BUILD)/fuzz/$(1)/stress: $(patsubst %,$(BUILD)/fuzz/$(1)/%.o,$(STRESS_SOURCES) $(FUZZ_LIBRARY))
	$$(call say,LINK,$$@)
	$$(Q)$(2) $(3) -pthread -rdynamic -o $$@ $$^ -ldl
$(BUILD)/fuzz/$(1)/sweep: $(patsubst %,$(BUILD)/fuzz/$(1)/%.o,$(SWEEP_SOURCES) $(FUZZ_LIBRARY))
	$$(call say,LINK,$$@)
	$$(Q)$(2) $(3) -rdynamic -o $$@ $$^ -ldl -lutil -lrt
fuzz-build-$(1): $(FUZZ_TARGETS:%=$(BUILD)/fuzz/$(1)/%)
.PHONY: fuzz-build-$(1)
endef
FUZZ_ENGINE_CFLAGS ?= $(SANITIZE) -fsanitize-coverage=inline-8bit-counters,pc-table
FUZZ_ENGINE        ?= -fsanitize=fuzzer
$(eval $(call fuzz_build,engine,$(CLANG),$$(FUZZ_ENGINE_CFLAGS),$$(FUZZ_ENGINE),))
$(eval $(call fuzz_build,replay,$(CC),$(SANITIZE),,fuzz/replay.c))
$(eval $(call fuzz_build,thread,$(CLANG),-fsanitize=thread -O1,,fuzz/replay.c))
$(eval $(call fuzz_build,coverage,$(CLANG),-O1 -fprofile-instr-generate -fcoverage-mapping -mllvm -runtime-counter-relocation -Wno-unused-command-line-argument,,fuzz/replay.c))
$(eval $(call fuzz_build,afl,AFL_QUIET=1 afl-clang-fast,-O2 -Wno-unused-command-line-argument,-fsanitize=fuzzer,))
$(eval $(call fuzz_build,plain,$(CC),-O1,,fuzz/replay.c))

fuzz-targets:
	@echo $(FUZZ_TARGETS)

fuzz: fuzz-build-engine ## SECONDS=60: hunts with all targets; ends on time, and in an error with a reproducer
	fuzz/run --build $(BUILD) --seconds $(SECONDS) --jobs $(JOBS) $(FUZZ_TARGETS)

fuzz-teeth: fuzz-build-engine $(BUILD)/fuzz/sweep $(BUILD)/fuzz/thread/stress ## plants faults one at a time in model and library: each must be found; PART=k/n
	fuzz/teeth --build $(BUILD) --jobs $(JOBS) --part $(PART)

fuzz-stress: $(BUILD)/fuzz/thread/stress $(BUILD)/fuzz/plain/stress ## 16 threads and signals: TSan, then helgrind; SECONDS each
	POLLCHECK_OPTIONS=report_path=/dev/null:level=note TSAN_OPTIONS=halt_on_error=1 \
		$(BUILD)/fuzz/thread/stress $(SECONDS)
	POLLCHECK_OPTIONS=report_path=/dev/null:level=note valgrind -q --tool=helgrind --error-exitcode=99 \
		--suppressions=fuzz/stress/helgrind.supp $(BUILD)/fuzz/plain/stress $(SECONDS) 4 2>$(BUILD)/fuzz/helgrind || \
		{ cat $(BUILD)/fuzz/helgrind; exit 1; }

TARGET ?= stateful
AFL    := AFL_SKIP_CPUFREQ=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 AFL_NO_UI=1 AFL_BENCH_UNTIL_CRASH=1
fuzz-afl: $(BUILD)/fuzz/afl/$(TARGET) ## the same TARGET under AFL++, for SECONDS
	rm -rf $(BUILD)/fuzz/afl-out
	FUZZ_ARTIFACTS=$(BUILD)/fuzz $(AFL) afl-fuzz -V $(SECONDS) -i fuzz/corpus/$(TARGET) -o $(BUILD)/fuzz/afl-out -- $<
	! ls $(BUILD)/fuzz/afl-out/default/crashes/id* 2>/dev/null

# %c: counters live in the file, so that what a child does that ends by _exit or exec is counted, too. Not to be reached
# here: what runs only on 32-bit systems and musl, what Python's frames say (python.c), a full disk, and what an
# environment with LD_PRELOAD wants of follow.c, for the library is linked in.
COVERED  = LLVM_PROFILE_FILE=$(BUILD)/fuzz/coverage/%c%p-%m.profraw
COVERAGE_LEAST = 85
# $(call coverage_report,targets)
coverage_report = llvm-cov report -instr-profile=$(BUILD)/fuzz/coverage/all.profdata \
	$(patsubst %,-object $(BUILD)/fuzz/coverage/%,$(1))
coverage: fuzz-build-coverage $(BUILD)/fuzz/coverage/sweep $(BUILD)/fuzz/coverage/stress ## lines of library and command that the corpus, a bit of the sweep and of the stress reach
	rm -f $(BUILD)/fuzz/coverage/*.profraw
	$(call each_corpus,coverage,$(COVERED))
	for options in inject=eintr help=1:color=always channel=$(BUILD)/fuzz/channel; do \
		FUZZ_CHANNEL=$(BUILD)/fuzz/channel POLLCHECK_OPTIONS=$(QUIETLY):$$options $(COVERED) \
		$(BUILD)/fuzz/coverage/rules fuzz/corpus/rules >/dev/null 2>&1 || exit 1; done
	POLLCHECK_OPTIONS=$(subst report_path=/dev/null,color=always,$(QUIETLY)) $(COVERED) \
		$(BUILD)/fuzz/coverage/stateful fuzz/corpus/stateful >/dev/null 2>&1
	POLLCHECK_OPTIONS=$(QUIETLY):report_format=json $(COVERED) $(BUILD)/fuzz/coverage/sweep --every=2003 >/dev/null
	POLLCHECK_OPTIONS=$(QUIETLY) $(COVERED) $(BUILD)/fuzz/coverage/stress 5 >/dev/null
	llvm-profdata merge -o $(BUILD)/fuzz/coverage/all.profdata $(BUILD)/fuzz/coverage/*.profraw
	$(if $(FUZZ_READERS),@echo 'the command by damaged traces:')
	$(if $(FUZZ_READERS),$(call coverage_report,$(FUZZ_READERS)) -ignore-filename-regex='/fuzz/|shim/[^/]*$$')
	@echo 'the library, by the corpus, a bit of the sweep and of the stress; at least $(COVERAGE_LEAST) % of its lines:'
	$(call coverage_report,$(FUZZ_WRITERS) sweep stress) -ignore-filename-regex='/fuzz/' | tee $(BUILD)/fuzz/coverage/report
	@awk '/^TOTAL/ { exit $$10 + 0 < $(COVERAGE_LEAST) }' $(BUILD)/fuzz/coverage/report

# $(call each_corpus,build,environment): replays all, with and without a log, a trace and suppressions
QUIETLY      = report_path=/dev/null:level=note:spin_threshold=4
FUZZ_OPTIONS = $(QUIETLY) $(QUIETLY):log=text:log_path=/dev/null $(QUIETLY):log=json:log_path=/dev/null:report_format=json \
               $(QUIETLY):trace=$(BUILD)/fuzz/traces:trace_size=1:suppressions=fuzz/rules/suppressions
each_corpus  = rm -rf $(BUILD)/fuzz/traces; for target in $(FUZZ_WRITERS); do for options in $(FUZZ_OPTIONS); do \
		$(2) FUZZ_THREADS=$$(echo $$options | grep log=text) POLLCHECK_OPTIONS=$$options \
		$(BUILD)/fuzz/$(1)/$$target fuzz/corpus/$$target >/dev/null || exit 1; done; done; \
	for target in $(FUZZ_READERS); do $(2) $(BUILD)/fuzz/$(1)/$$target fuzz/corpus/$$target >/dev/null || exit 1; done

# A part of the sweep, with the library and without; and all that was ever found, as bytes and as C.
fuzz-check: $(BUILD)/fuzz/sweep $(LIBRARY) fuzz-build-replay ## what make check runs of the fuzzer; seconds
	$< --every=11 --jobs=$(JOBS)
	LD_PRELOAD=$(abspath $(LIBRARY)) POLLCHECK_OPTIONS=report_path=/dev/null $< --under-library --every=13 --jobs=$(JOBS)
	$(call each_corpus,replay,ASAN_OPTIONS=detect_leaks=0)
	fuzz/teeth --fit
	rm -rf $(BUILD)/fuzz/as-c && mkdir $(BUILD)/fuzz/as-c
	FUZZ_AS_C=1 FUZZ_ARTIFACTS=$(BUILD)/fuzz/as-c ASAN_OPTIONS=detect_leaks=0 $(BUILD)/fuzz/replay/stateful fuzz/corpus/stateful
	ls $(BUILD)/fuzz/as-c/*.c | xargs -P $(JOBS) -I {} sh -c '$(CC) -o {}.out {} && {}.out >{}.log || { cat {}.log; exit 1; }'

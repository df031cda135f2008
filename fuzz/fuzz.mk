# The hunt for event masks and histories on which kernel, documentation and library disagree.
FUZZ_CFLAGS    = -std=gnu11 -D_GNU_SOURCE -Ishim -Ifuzz $(WARNINGS) -g -MMD -MP
SWEEP_SOURCES := $(wildcard fuzz/sweep/*.c)
EVERY         ?= 1

.PHONY: sweep fuzz-check

sweep: $(BUILD)/fuzz/sweep ## every event mask on every state of every kind of descriptor; EVERY=n: each nth
	$(UNDER) $< --every=$(EVERY) --jobs=$(JOBS)

$(BUILD)/fuzz/sweep: $(SWEEP_SOURCES) $(wildcard fuzz/sweep/*.h fuzz/sweep/*.def) shim/bits.def $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(FUZZ_CFLAGS) $(CFLAGS) -o $@ $(SWEEP_SOURCES) -lutil -lrt

# A part of the sweep, with the library and without.
fuzz-check: $(BUILD)/fuzz/sweep $(LIBRARY) ## what make check runs of the fuzzer; seconds
	$< --every=11 --jobs=$(JOBS)
	LD_PRELOAD=$(abspath $(LIBRARY)) POLLCHECK_OPTIONS=report_path=/dev/null $< --under-library --every=13 --jobs=$(JOBS)

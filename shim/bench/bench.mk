# What `make bench` runs: each .c here is a program of its own, but floor.c and lttng.c, which are to be preloaded.
LTTNG          := $(wildcard /usr/include/lttng/tracepoint.h /usr/include/*/lttng/tracepoint.h)
BENCH_SOURCES  := $(filter-out %/floor.c %/lttng.c,$(wildcard shim/bench/*.c))
BENCH_PROGRAMS := $(patsubst shim/bench/%.c,$(BUILD)/bench/%,$(BENCH_SOURCES)) \
                  $(BUILD)/bench/blocks-tsan $(BUILD)/bench/floor.so $(if $(LTTNG),$(BUILD)/bench/lttng.so)
BENCH_COMPILE   = $(CC) $(POLLCHECK_CFLAGS) $(CFLAGS) -pthread -o $@ $<

$(BUILD)/bench/%.so: shim/bench/%.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(BENCH_COMPILE) -shared -fPIC -fno-plt -fno-builtin -Wl,-z,now

$(BUILD)/bench/lttng.so: shim/bench/lttng.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(BENCH_COMPILE) -I. -shared -fPIC -fno-builtin -llttng-ust -ldl

$(BUILD)/bench/%-tsan: shim/bench/%.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(BENCH_COMPILE) -fsanitize=thread

$(BUILD)/bench/%: shim/bench/%.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(BENCH_COMPILE)

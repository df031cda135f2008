# The auditor: it is loaded into a namespace of its own, where it needs no C library and so gets none.
AUDITOR         := $(BUILD)/libpollcheck-audit.so
AUDIT_OBJECTS   := $(patsubst shim/%,$(BUILD)/shim/%.o,$(wildcard shim/audit/*.c))
# its folder is in the rule for the library's files; what they may not use, the linker finds
AUDIT_LDFLAGS    = -shared -nostdlib -Wl,-z,now -Wl,-z,defs -Wl,-soname,libpollcheck-audit.so.0 -Wl,--eh-frame-hdr

all: $(AUDITOR)

$(AUDITOR): $(AUDIT_OBJECTS)
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(AUDIT_LDFLAGS)

# What is installed, a row each: mode, file here, where to below DESTDIR. uninstall reads the same rows.
DATADIR ?= $(PREFIX)/share
INCDIR  ?= $(PREFIX)/include
PCDIR   ?= $(LIBDIR)/pkgconfig
BASHDIR ?= $(DATADIR)/bash-completion/completions
ZSHDIR  ?= $(DATADIR)/zsh/site-functions
FISHDIR ?= $(DATADIR)/fish/vendor_completions.d
EXAMPLES = $(DATADIR)/doc/pollcheck/examples

# the suite without the tests of its own machinery, which need the tree around them
SUITE    := $(filter-out conformance/test_plumbing% conformance/matrix% conformance/audit.py, \
              $(wildcard conformance/*.py conformance/*.tsv conformance/*.toml))
INSTALLED = 755:$(LIBRARY):$(LIBDIR)/$(SONAME) \
            755:$(AUDITOR):$(LIBDIR)/libpollcheck-audit.so.0 \
            755:$(BUILD)/pollcheck:$(BINDIR)/pollcheck \
            644:$(BUILD)/pollcheck.pc:$(PCDIR)/pollcheck.pc \
            644:shim/pollcheck.h:$(INCDIR)/pollcheck.h \
            $(foreach n,1 7,$(foreach f,$(wildcard shim/man/*.$n conformance/*.$n), \
              644:$f:$(MANDIR)/man$n/$(notdir $f))) \
            644:shim/completions/pollcheck.bash:$(BASHDIR)/pollcheck \
            644:shim/completions/_pollcheck:$(ZSHDIR)/_pollcheck \
            644:shim/completions/pollcheck.fish:$(FISHDIR)/pollcheck.fish \
            644:shim/examples/systemd.conf:$(EXAMPLES)/systemd.conf \
            $(foreach f,$(wildcard shim/demo/*.py),644:$f:$(EXAMPLES)/demo/$(notdir $f)) \
            755:conformance/pollcheck-conformance:$(BINDIR)/pollcheck-conformance \
            $(foreach f,$(SUITE),644:$f:$(DATADIR)/pollcheck-conformance/$(notdir $f))

$(BUILD)/pollcheck.pc: shim/pollcheck.pc.in ci/install.mk FORCE
	@mkdir -p $(@D)
	$(Q)sed -e 's,@PREFIX@,$(PREFIX),' -e 's,@LIBDIR@,$(LIBDIR),' -e 's,@INCDIR@,$(INCDIR),' \
		-e 's,@SONAME@,$(SONAME),' -e 's,@VERSION@,$(VERSION),' $< > $@

part = $(word $1,$(subst :, ,$2))

.PHONY: install uninstall
install: all $(BUILD)/pollcheck.pc ## library, command, suite and manual pages, into DESTDIR and PREFIX
	$(foreach row,$(INSTALLED),install -D -m $(call part,1,$(row)) $(call part,2,$(row)) \
		"$(DESTDIR)$(call part,3,$(row))" &&) \
	ln -sf $(SONAME) "$(DESTDIR)$(LIBDIR)/$(notdir $(LIBRARY))"

uninstall: ## what install put there
	rm -f "$(DESTDIR)$(LIBDIR)/$(notdir $(LIBRARY))" \
		$(foreach row,$(INSTALLED),"$(DESTDIR)$(call part,3,$(row))")

.PHONY: deb deb-test
deb: ## Debian packages in BUILD/deb; ci/setup deb installs what that needs
	ci/deb $(BUILD)/deb

deb-test: ## the packages: same bytes twice, lintian, installed and tried in a fresh Debian (root, minutes)
	ci/deb-test $(BUILD)/deb-test $(if $(CHECK),check)

# The published schema of SARIF 2.1.0 (revision rtm.5) is no file of ours and in no Debian package.
SARIF_SCHEMA_IN = @microsoft/jest-sarif@1.0.0-beta.0
SARIF_SCHEMA_SHA256 = 2d99159ae54a3eea97f81781cff48780548657c35949f4b7f25e99a2ba4de4f8

$(BUILD)/sarif-schema.json:
	@mkdir -p $(BUILD)
	$(call say,FETCH,$@)
	$(Q)npm pack --silent --pack-destination $(BUILD) $(SARIF_SCHEMA_IN) >/dev/null
	$(Q)tar -xzOf $(BUILD)/microsoft-jest-sarif-1.0.0-beta.0.tgz package/lib/schemas/sarif-2.1.0-rtm.5.json > $@.partial
	$(Q)echo '$(SARIF_SCHEMA_SHA256)  $@.partial' | sha256sum --check --quiet
	$(Q)mv $@.partial $@

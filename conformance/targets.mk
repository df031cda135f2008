.PHONY: audit matrix

audit: ## each clause, errno, constant and pin has its test or its reason; seconds
	/usr/bin/python3 conformance/audit.py

matrix: $(LIBRARY) ## the suite on every system installed here (ci/setup matrix), and the table of them all
	BUILD=$(BUILD) conformance/targets/run-all $(SYSTEMS)

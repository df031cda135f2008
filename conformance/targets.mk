.PHONY: audit matrix

audit: ## each clause, errno, constant and pin has its test or its reason; seconds
	/usr/bin/python3 conformance/audit.py

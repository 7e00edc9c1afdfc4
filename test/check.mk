# What `make check` runs. Included by the Makefile.

UNIT_RUNNER := prove -e '' $(if $(VERBOSE),-v)
BATS_JOBS ?= 2

check: check-unit check-layers check-headers check-man check-asan check-bats
	@echo "check: all green"

check-unit: $(UNIT_BIN)
	@$(if $(UNIT_BIN),$(UNIT_RUNNER) $(UNIT_BIN))

# The same units and the parsers' inputs under AddressSanitizer and UBSan.
check-asan:
	@$(MAKE) --no-print-directory V=asan check-unit

check-bats: all support
	@test/run-bats $(BATS)

check-layers:
	@test/check-layers

check-headers: $(OBJ)/flags
	@for h in $$(find lib cmd service -name '*.h'); do \
		echo "#include \"$$PWD/$$h\"" | $(CC) $(OUR_CFLAGS) -x c -fsyntax-only - || exit 1; \
	done; echo "check-headers: every header compiles alone"

check-man: all
	@test/check-man $(BIN) $(BUILD)/man

# Slower looks; not part of check.
lint:
	@test/lint

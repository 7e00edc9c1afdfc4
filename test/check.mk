# What `make check` runs, and the slower looks. Included by the Makefile.
.PHONY: check-layers check-headers check-objects check-circles check-man check-lint check-unit check-asan check-fuzz \
	check-bats

# Beside the bats files, in this order: the quick ones first.
CHECKS := layers objects circles man headers lint unit asan fuzz
LOGS := $(BUILD)/check
UNIT_RUNNER := prove -e '' $(if $(VERBOSE),-v)

# With make -n it is only shown: neither the + nor $(MAKE) stands in the line itself.
THIS_MAKE = $(MAKE)
check: all support
	@$(if $(findstring n,$(filter-out --%,$(firstword -$(MAKEFLAGS)))),,+)MAKE='$(THIS_MAKE)' test/check $(LOGS) $(CHECKS)

check-layers:
	@test/check-layers

check-headers: programs
	@test/check-headers $(CC) $(OUR_CFLAGS)

# What of `make lint` is quick enough for every change.
check-lint:
	@test/lint --quick

check-objects: programs
	@test/check-objects $(LIB) $(BUILT)

check-circles: programs
	@test/check-circles $(OBJ)

check-man: all
	@test/check-man $(BIN) $(BUILD)/man

check-unit: $(UNIT_BIN)
	@$(if $(UNIT_BIN),$(UNIT_RUNNER) $(UNIT_BIN))

# The same units under AddressSanitizer, UBSan and the leak check. A test that wants a program of that
# build makes it meanwhile, under the same lock.
check-asan:
	@mkdir -p $(BUILD)
	@flock $(BUILD)/asan.lock $(MAKE) --no-print-directory V=asan unit-build
	@$(MAKE) --no-print-directory V=asan check-unit
unit-build: $(UNIT_BIN)
asan-build:
	@$(MAKE) --no-print-directory V=asan $(BUILD)/asan/bin/chaos-load

# What fuzzing starts from, and what it has found: each input once, under the same sanitizers.
FUZZ_TARGETS := csv counts expr events http1 dialog toxics conf lines commands redis api model windows
# These read as a program does, with its files.
fuzz_of = $(1:%=$(OBJ)/test/fuzz/%.o): private OUR_CFLAGS += -Icmd/$(2)
# The check takes them as users have them, for their sake alone they are not compiled once more.
fuzz_with = $(OBJ)/test/fuzz/$(1): $(patsubst %.c,$(if $(filter asan,$(V)),$(BUILD)/rel,$(OBJ))/%.o,$(filter-out %/main.c,$(wildcard cmd/$(2)/*.c cmd/$(2)/*/*.c cmd/$(2)/*/*/*.c)))
$(eval $(call fuzz_of,dialog toxics api,chaos-proxy))
$(eval $(call fuzz_of,lines,chaos-load))
$(eval $(call fuzz_of,commands,chaos-fault))
$(eval $(call fuzz_of,windows,chaos-plot))
$(eval $(call fuzz_with,api,chaos-proxy))
$(eval $(call fuzz_with,lines,chaos-load))
$(eval $(call fuzz_with,commands,chaos-fault))
$(eval $(call fuzz_with,windows,chaos-plot))
$(OBJ)/test/fuzz/api: FUZZ_LINK := $(foreach f,endpoint_resolve endpoint_listen unlink,-Wl,--wrap=$(f))
FUZZ_BIN := $(FUZZ_TARGETS:%=$(OBJ)/test/fuzz/%)
.PHONY: fuzz fuzz-build fuzz-replay
.SECONDARY: $(FUZZ_BIN:%=%.o)
check-fuzz: programs
	@flock $(BUILD)/asan.lock $(MAKE) --no-print-directory V=asan fuzz-build
	@$(MAKE) --no-print-directory V=asan fuzz-replay
fuzz-replay: $(FUZZ_BIN)
	@for t in $(FUZZ_TARGETS); do $(OBJ)/test/fuzz/$$t test/fuzz/corpus/$$t || exit 1; done

# Needs clang and its libFuzzer. One hour in all; what is found is left in build/fuzz/found.
FUZZ_SECONDS ?= 260
FUZZ_CC ?= clang
fuzz:
	@$(MAKE) --no-print-directory V=fuzz CC=$(FUZZ_CC) fuzz-build
	@test/fuzz/run build/fuzz $(FUZZ_SECONDS) $(FUZZ_TARGETS)
fuzz-build: $(FUZZ_BIN)

# Everything built by clang, beside the tree that gcc builds, and the units of it. Not part of `make check`.
.PHONY: check-clang clang-build
clang-build: programs support $(UNIT_BIN) $(FUZZ_BIN)
check-clang:
	@$(MAKE) --no-print-directory V=dev CC=clang BUILD=$(BUILD)/clang clang-build check-unit

# The same and all units on musl, in a Debian of its own; needs debootstrap and root.
.PHONY: check-musl
check-musl: dist
	@test/musl $(BUILD)/$(DIST).tar.gz $(BUILD)/chroot/musl || [ $$? = 77 ]

check-bats: all support
	@test/run-bats $(BATS)

# Each script measures against a peer or a bare loop within one run and prints its ratios.
bench: all support
	@status=0; for b in bench/*.sh; do \
		[ -x $$b ] || continue; \
		printf '\n== %s\n' $$b; $$b || { echo "bench: $$b failed" >&2; status=1; }; \
	done; exit $$status

# chaos-fault and chaos-node with the crash seam, then 1000 kills; KILLS=n for others.
.PHONY: torture torture-build torture-engine brief-build asan-build unit-build
torture-build: programs support
	@$(MAKE) --no-print-directory V=torture $(BUILD)/torture/bin/chaos-fault \
		$(BUILD)/torture/bin/chaos-node $(BUILD)/torture/bin/chaos-proxy
brief-build: programs
	@$(MAKE) --no-print-directory V=brief $(addprefix $(BUILD)/brief/bin/chaos-,fault audit scenario analyze)
torture: torture-build
	@failed=; \
	for part in "torture $(KILLS)" torture-loss "torture-faults $(KILLS)"; do \
		test/$$part || [ $$? = 77 ] || failed="$$failed $${part%% *}"; \
	done; \
	[ -z "$$failed" ] || { echo "failed:$$failed" >&2; exit 1; }

# The same with containers, on ENGINE=docker or podman; STEPS=n tries only so many of the steps.
ENGINE ?= docker
torture-engine: torture-build
	@test/torture-engine $(ENGINE) $(or $(KILLS),1000) $(if $(STEPS),$(or $(SEED),1) $(STEPS))

# What the kernel here may lack, in a guest with Debian's: ten minutes without virtualisation by the processor.
.PHONY: soak-vm
soak-vm: all support
	@test/vm env CHAOS_QUIET=1 test/run-bats test/bats/fault_network.bats || [ $$? = 77 ]

lint: all
	@test/lint

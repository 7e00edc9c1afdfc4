# GNU make. Programs go to build/bin; V=dev|rel|asan chooses the variant, and each
# variant's objects live beside the others' (build/dev, build/rel, build/asan).
#
#	make			all programs, man pages and completions
#	make check		everything that must hold: units, bats, layers, headers, man pages, sanitizers
#	make bench		ratios against peers and bare loops
#	make demo		the main job, end to end, on ports of its own
#	make install		DESTDIR and PREFIX honoured
#	make fuzz		libFuzzer on everything that reads what others wrote, FUZZ_SECONDS each
#	make torture		chaos-fault and its guard killed at every step and 1000 random moments
#	make dist		the sources as build/chaos-toolkit-VERSION.tar.gz
#	make deb		the Debian package in build/deb
#	make release		CHECKS, then all that is given out, with checksums, in build/release
#	make images		what the images of docker-compose.yml are made of
#	make lint		slower looks at the code: clang-tidy, cppcheck, shellcheck
.SUFFIXES:
.DELETE_ON_ERROR:
.SECONDEXPANSION:
MAKEFLAGS += --no-builtin-rules
SHELL := /bin/bash
ifeq ($(origin CC),default)
CC := gcc
endif
.SHELLFLAGS := -o pipefail -c

VERSION := 0.1.0
# What --version says beside it: the commit, of which a tarball has a file.
COMMIT := $(shell if [ -e .git ]; then git describe --always --dirty --abbrev=12 --exclude='*' 2>/dev/null; \
	else cat COMMIT 2>/dev/null; fi)
PREFIX ?= /usr/local
V ?= rel
BUILD := build
OBJ := $(BUILD)/$(V)
# The variant that users run goes to build/bin; the others keep to themselves.
BIN := $(if $(filter rel,$(V)),$(BUILD)/bin,$(OBJ)/bin)
WERROR ?= -Werror

PROGRAMS := $(notdir $(wildcard cmd/*))
PROGRAMS := $(foreach p,$(PROGRAMS),$(if $(wildcard cmd/$(p)/main.c),$(p)))
NODE := $(if $(wildcard service/main.c),chaos-node)
# Programs that are shell scripts.
SCRIPTS := $(patsubst cmd/%/main.sh,%,$(wildcard cmd/*/main.sh))

# What each program links beyond our own library, which loads libcurl where it calls it.
PKGS_chaos-load := hiredis libuv yaml-0.1 jansson
PKGS_chaos-fault := hiredis libuv yaml-0.1 jansson
PKGS_chaos-scenario := hiredis libuv yaml-0.1 jansson
PKGS_chaos-analyze := yaml-0.1 jansson
PKGS_chaos-audit := hiredis libuv yaml-0.1 jansson
PKGS_chaos-plot := yaml-0.1 jansson
PKGS_chaos-llm := libuv yaml-0.1 jansson
PKGS_chaos-proxy := jansson libmicrohttpd
PKGS_chaos-node := libmicrohttpd
PKGS_enginedouble := jansson
PKGS_curlloop := libcurl
PKGS_ALL := libcurl hiredis libuv yaml-0.1 jansson libmicrohttpd cmocka

# One by one: what only the tests need may be missing.
cflags_of = $(shell for p in $(1); do pkg-config --cflags-only-I $$p 2>/dev/null; done | sed 's/-I/-isystem /g')
libs_of = $(if $(strip $(1)),$(shell pkg-config --libs $(1)))

WARN := -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wold-style-definition -Wwrite-strings -Wcast-qual -Wpointer-arith -Wvla -Wundef \
	-Wformat=2 -Wconversion -Wno-sign-conversion -Wnull-dereference -Wimplicit-fallthrough \
	-Wswitch-enum -fno-common $(WERROR)
# Warnings that clang lacks, and one that it gives for NAN as well. CC itself is asked what it is.
ifeq ($(findstring clang,$(shell $(CC) --version)),)
WARN += -Wlogical-op -Wduplicated-cond -Wdouble-promotion
endif
FLAGS_rel := -O2 -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -fstack-protector-strong -fstack-clash-protection \
	-fcf-protection -fPIE
LINK_rel := -pie -Wl,-z,relro,-z,now
FLAGS_dev := -O0 -g
LINK_dev :=
# Compiled for one check's sake: at -O0 in three quarters of the time, without the warnings, which rel gives
# of all but test/fuzz.
FLAGS_asan := -O0 -fsanitize=address,undefined,float-cast-overflow -fno-sanitize-recover=all -fno-omit-frame-pointer
LINK_asan := -fsanitize=address,undefined $(if $(shell command -v ld.gold),-fuse-ld=gold) # four times as fast
# For libFuzzer, which is clang's; see `make fuzz`.
FLAGS_fuzz := -O1 -fsanitize=fuzzer-no-link,address,undefined,float-cast-overflow -fno-sanitize-recover=all \
	-fno-omit-frame-pointer
LINK_fuzz := -fsanitize=fuzzer,address,undefined
# Dies at a chosen step, for test/torture alone.
FLAGS_torture := -O0 -DCHAOS_CRASH_SEAM
LINK_torture :=
# Gives up waiting five times as soon, for the tests that wait for that; makes on demand mistakes that a test must catch.
FLAGS_brief := -O0 -DCHAOS_BOUND_DIVISOR=5 -DCHAOS_MUTANTS
LINK_brief :=
OUR_CFLAGS := -std=c17 -D_GNU_SOURCE -g1 -ffile-prefix-map=$(CURDIR)=. $(FLAGS_$(V)) $(if $(filter asan,$(V)),,$(WARN)) -Ilib \
	-DCHAOS_VERSION='"$(VERSION)"' $(call cflags_of,$(PKGS_ALL))

LIB_SRC := $(wildcard lib/*/*.c lib/*/*/*.c)
LIB_OBJ := $(LIB_SRC:%.c=$(OBJ)/%.o)
# torture and brief differ from rel in the programs alone, and there in the files that say so: they take the other
# objects from rel, which their targets in test/check.mk make first.
LIKE_REL := $(if $(filter torture brief,$(V)),$(shell grep -rLE 'seam[.]h|CHAOS_(MUTANTS|BOUND_DIVISOR)' cmd service --include='*.c'))
object = $(if $(filter $(1),$(LIKE_REL)),$(BUILD)/rel,$(OBJ))/$(1:%.c=%.o)
LIB_IN := $(if $(filter torture brief,$(V)),$(BUILD)/rel,$(OBJ))
LIB := $(LIB_IN)/libchaos.a
UNIT_SRC := $(wildcard test/unit/*_test.c)
UNIT_BIN := $(UNIT_SRC:test/unit/%.c=$(OBJ)/test/unit/%)
SUPPORT_SRC := $(wildcard test/support/*.c)
SUPPORT_BIN := $(SUPPORT_SRC:test/support/%.c=$(OBJ)/test/support/%)
MAN := $(patsubst man/%,$(BUILD)/man/%,$(wildcard man/*.[157]))

BUILT := $(PROGRAMS:%=$(BIN)/%) $(NODE:%=$(BIN)/%)
RUNNABLE := $(BUILT) $(SCRIPTS:%=$(BIN)/%)
COMPLETION := $(BUILD)/share/completion.bash
ZSH_COMPLETION := $(BUILD)/share/_chaos

.PHONY: all check bench demo soak install uninstall lint clean programs support FORCE
.SECONDARY: $(UNIT_BIN:%=%.o) $(SUPPORT_BIN:%=%.o) $(OBJ)/test/fuzz/replay.o $(OBJ)/test/fuzz/rows.o
all: programs $(SCRIPTS:%=$(BIN)/%) $(if $(filter rel,$(V)),$(MAN) $(COMPLETION) $(ZSH_COMPLETION))
programs: $(BUILT)
support: $(SUPPORT_BIN)

# Stamps are rewritten only when what they hold differs: every object depends on the
# line that compiles and links (wherever the tree stands), and the archive on the list of its objects.
stamp = mkdir -p $(@D); echo '$(subst ','\'',$(1))' | cmp -s - $@ || echo '$(subst ','\'',$(1))' > $@
$(OBJ)/flags: FORCE
	@$(call stamp,$(CC) $(filter-out -ffile-prefix-map=%,$(OUR_CFLAGS)) $(CPPFLAGS) $(CFLAGS) $(LINK_$(V)) $(LDFLAGS))
$(OBJ)/members: FORCE
	@$(call stamp,$(LIB_OBJ))
$(OBJ)/commit: FORCE
	@$(call stamp,$(COMMIT))
$(OBJ)/lib/cli/help.o: private CPPFLAGS += -DCHAOS_COMMIT='"$(COMMIT)"'
$(OBJ)/lib/cli/help.o: $(OBJ)/commit
FORCE:

# A program's own headers are named by their folder inside the program.
own_headers = $(if $(filter cmd/%,$(1)),-I$(word 1,$(subst /, ,$(1)))/$(word 2,$(subst /, ,$(1))))

$(OBJ)/%.o: %.c $(OBJ)/flags
	@mkdir -p $(@D)
	@echo '  CC  $@'
	@$(CC) $(OUR_CFLAGS) $(call own_headers,$<) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

ifeq ($(LIB_IN),$(OBJ))
$(LIB): $(LIB_OBJ) $(OBJ)/members
	@rm -f $@
	@$(AR) rcs $@ $(LIB_OBJ)
endif

define program_rule
$(BIN)/$(1): $$(foreach c,$$(wildcard $(2)/*.c $(2)/*/*.c $(2)/*/*/*.c),$$(call object,$$(c))) $(LIB)
	@mkdir -p $$(@D)
	@echo '  LD  $$@'
	@$$(CC) $(LINK_$(V)) $$(LDFLAGS) -o $$@ $$^ $$(call libs_of,$$(PKGS_$(1))) -pthread -lm -ldl
endef
$(foreach p,$(PROGRAMS),$(eval $(call program_rule,$(p),cmd/$(p))))
$(eval $(call program_rule,chaos-node,service))
$(SCRIPTS:%=$(BIN)/%): $(BIN)/%: cmd/%/main.sh $(OBJ)/flags $(OBJ)/commit
	@mkdir -p $(@D)
	@sed '0,/@VERSION@/s/@VERSION@/"$(VERSION)$(COMMIT:%= (%))"/' $< > $@
	@chmod +x $@

$(OBJ)/test/unit/%: $(OBJ)/test/unit/%.o $(LIB)
	@mkdir -p $(@D)
	@echo '  LD  $@'
	@$(CC) $(LINK_$(V)) $(LDFLAGS) -o $@ $^ $(call libs_of,$(PKGS_ALL)) -pthread -lm
$(OBJ)/test/support/%: $(OBJ)/test/support/%.o $(LIB)
	@mkdir -p $(@D)
	@echo '  LD  $@'
	@$(CC) $(LINK_$(V)) $(LDFLAGS) -o $@ $^ $(call libs_of,$(PKGS_$*)) -pthread -lm

# Tests and what helps them take longer to compile than to run, but for those that count or measure.
$(OBJ)/test/unit/%.o $(OBJ)/test/support/%.o: private OUR_CFLAGS += -U_FORTIFY_SOURCE -O0
$(OBJ)/test/unit/sequential_%.o $(addprefix $(OBJ)/test/support/,%loop.o genrows.o wire.o): private OUR_CFLAGS += -O2
$(BUILD)/asan/test/fuzz/%.o: private OUR_CFLAGS += $(WARN)
# What units run millions of times.
$(BUILD)/asan/lib/grid/%.o $(BUILD)/asan/lib/csv/%.o: private OUR_CFLAGS += -O1

# Each fuzz target with a main that replays its corpus; with V=fuzz, libFuzzer brings the main.
FUZZ_MAIN := $(if $(filter fuzz,$(V)),,$(OBJ)/test/fuzz/replay.o)
$(OBJ)/test/fuzz/%: $(OBJ)/test/fuzz/%.o $(OBJ)/test/fuzz/rows.o $(FUZZ_MAIN) $(LIB)
	@mkdir -p $(@D)
	@echo '  LD  $@'
	@$(CC) $(LINK_$(V)) $(FUZZ_LINK) $(LDFLAGS) -o $@ $(filter %.o,$^) $(LIB) $(call libs_of,$(PKGS_ALL)) -pthread -lm

# The OPTIONS section of a program's page comes from its option table; other pages have none.
# Each page names the version in its last line.
$(BUILD)/man/%: man/% $(OBJ)/flags $$(filter $(BIN)/$$(basename $$*),$$(BUILT))
	@mkdir -p $(@D)
	@awk -v program='$(BIN)/$(basename $*)' '/^\.Os$$/ { print ".Os chaos-toolkit $(VERSION)"; next } \
		/^\.\\" @OPTIONS@/ { \
		ask = program " --mdoc-options"; \
		while ((ask | getline line) > 0) print line; close(ask); next } \
		{ print }' $< > $@
$(COMPLETION): $(RUNNABLE)
	@mkdir -p $(@D)
	@for p in $^; do $$p --completion || exit 1; done > $@

# The same words for zsh: where none of them begins so, files.
$(ZSH_COMPLETION): $(COMPLETION) Makefile
	@{ echo '#compdef $(sort $(notdir $(RUNNABLE)))'; echo 'setopt localoptions noglob'; echo 'local -a those'; \
		echo 'case $$service in'; sed "s/^complete .*-W '\(.*\)' \([^ ]*\)$$/\2) those=(\1) ;;/" $<; \
		echo 'esac; setopt glob'; echo 'compadd -a those || _files'; } > $@

# What the images of docker-compose.yml are made of: programs of this machine with their libraries.
.PHONY: images
images: $(BIN)/chaos-node
	service/image-root $(BUILD)/image/node $(BIN)/chaos-node
	service/image-root $(BUILD)/image/redis redis-server redis-cli

-include $(foreach d,lib/*/* lib/*/*/* cmd/*/* cmd/*/*/* cmd/*/*/*/* service/* test/*/*,$(wildcard $(OBJ)/$(d).d))
include test/check.mk demo/demo.mk

# What is installed, below DESTDIR and PREFIX. bash-completion looks for a file of the
# command's name; zsh for one in its fpath, which is Debian's own in a package.
TO := $(DESTDIR)$(PREFIX)
COMPLETIONS := $(TO)/share/bash-completion/completions
ZSH_FUNCTIONS ?= $(PREFIX)/share/zsh/site-functions
SHARED := $(wildcard share/* scenarios schema)
LIBEXEC := $(wildcard libexec/*)
INSTALLED := $(notdir $(RUNNABLE))

install: all $(MAN) $(COMPLETION) $(ZSH_COMPLETION)
	install -d $(TO)/bin $(TO)/share/chaos $(COMPLETIONS)
	install -D -m 644 $(ZSH_COMPLETION) $(DESTDIR)$(ZSH_FUNCTIONS)/_chaos
	install $(RUNNABLE) $(TO)/bin
	for m in $(MAN); do \
		install -D -m 644 $$m $(TO)/share/man/man$${m##*.}/$${m##*/} || exit 1; done
	$(if $(SHARED),cp -R $(SHARED) $(TO)/share/chaos/)
	$(if $(LIBEXEC),install -d $(TO)/libexec/chaos && cp -RP $(LIBEXEC) $(TO)/libexec/chaos/)
	install -m 644 $(COMPLETION) $(COMPLETIONS)/chaos
	for p in $(INSTALLED); do ln -sf chaos $(COMPLETIONS)/$$p || exit 1; done

# The sources: what git knows of, or in an unpacked tarball all but what is built and run. The
# same bytes from both: names sorted, one time, nobody's ids and modes. COMMIT says what git knew.
DIST := chaos-toolkit-$(VERSION)
.PHONY: dist
dist:
	@mkdir -p $(BUILD)
	@echo '$(COMMIT)' > $(BUILD)/COMMIT
	@if [ -e .git ]; then git ls-files -z; else find . \( -path ./build -o -path ./runs -o \
		-path ./dump.rdb -o -path ./COMMIT \) -prune -o \( -type f -o -type l \) -printf '%P\0'; fi | \
		{ cat; printf 'COMMIT\0'; } | LC_ALL=C sort -z | sed -z 's,^COMMIT$$,$(BUILD)/COMMIT,' | \
		tar --null -T - -P --transform='s,^$(BUILD)/COMMIT$$,COMMIT,;s,^,$(DIST)/,S' --format=ustar \
		--mode=u=rwX,go=rX --owner=0 --group=0 --numeric-owner -c --mtime=@$$( \
		if [ -e .git ]; then git log -1 --format=%ct; else stat -c %Y Makefile; fi) | \
		gzip -9n > $(BUILD)/$(DIST).tar.gz
	@echo '  TAR $(BUILD)/$(DIST).tar.gz'

# The Debian package, from the tarball, in build/deb: what is made there does not depend on this folder.
.PHONY: deb
deb: dist
	@rm -rf $(BUILD)/deb
	@mkdir -p $(BUILD)/deb
	@tar -C $(BUILD)/deb -xzf $(BUILD)/$(DIST).tar.gz
	@cd $(BUILD)/deb/$(DIST) && env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL dpkg-buildpackage -b -us -uc
	@echo "  DEB $$(ls $(BUILD)/deb/*.deb)"

# Refused in a tree with changes; CHECKS are what must hold before.
CHECKS ?= check check-clang lint soak
.PHONY: release
release:
	@MAKE='$(MAKE)' release/run $(VERSION) $(BUILD) $(CHECKS)

uninstall:
	rm -f $(INSTALLED:%=$(TO)/bin/%) $(INSTALLED:%=$(COMPLETIONS)/%) $(COMPLETIONS)/chaos \
		$(DESTDIR)$(ZSH_FUNCTIONS)/_chaos $(foreach m,$(notdir $(MAN)),$(TO)/share/man/man$(subst .,,$(suffix $(m)))/$(m))
	rm -rf $(TO)/share/chaos $(TO)/libexec/chaos

clean:
	rm -rf $(BUILD)

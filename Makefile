# GNU make. Programs go to build/bin; V=dev|rel|asan chooses the variant, and each
# variant's objects live beside the others' (build/dev, build/rel, build/asan).
#
#	make			all programs, man pages and completions
#	make check		everything that must hold: units, bats, layers, headers, man pages, sanitizers
#	make bench		ratios against peers and bare loops
#	make demo		the main job, end to end, on ports of its own
#	make install		DESTDIR and PREFIX honoured
#	make lint		slower looks at the code: clang-tidy, cppcheck, shellcheck
.SUFFIXES:
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules
SHELL := /bin/bash

VERSION := 0.1.0
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

# What each program links beyond our own library; chaos-analyze never sees libcurl.
PKGS_chaos-load := libcurl hiredis libuv yaml-0.1 jansson
PKGS_chaos-fault := libcurl hiredis libuv yaml-0.1 jansson
PKGS_chaos-scenario := libuv yaml-0.1 jansson
PKGS_chaos-analyze := yaml-0.1 jansson
PKGS_chaos-plot := yaml-0.1 jansson
PKGS_chaos-llm := yaml-0.1 jansson
PKGS_chaos-node := libmicrohttpd
PKGS_ALL := libcurl hiredis libuv yaml-0.1 jansson libmicrohttpd cmocka

cflags_of = $(shell pkg-config --cflags-only-I $(1) 2>/dev/null | sed 's/-I/-isystem /g')
libs_of = $(if $(strip $(1)),$(shell pkg-config --libs $(1)))

WARN := -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wold-style-definition -Wwrite-strings -Wcast-qual -Wpointer-arith -Wvla -Wundef \
	-Wformat=2 -Wconversion -Wno-sign-conversion -Wdouble-promotion -Wnull-dereference -Wlogical-op \
	-Wduplicated-cond -Wimplicit-fallthrough -Wswitch-enum -fno-common $(WERROR)
FLAGS_rel := -O2 -D_FORTIFY_SOURCE=3 -fstack-protector-strong -fstack-clash-protection \
	-fcf-protection -fPIE
LINK_rel := -pie -Wl,-z,relro,-z,now
FLAGS_dev := -O0
LINK_dev :=
FLAGS_asan := -O1 -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
LINK_asan := -fsanitize=address,undefined
OUR_CFLAGS := -std=c17 -D_GNU_SOURCE -g $(FLAGS_$(V)) $(WARN) -Ilib \
	-DCHAOS_VERSION='"$(VERSION)"' $(call cflags_of,$(PKGS_ALL))

LIB_SRC := $(wildcard lib/*/*.c)
LIB_OBJ := $(LIB_SRC:%.c=$(OBJ)/%.o)
LIB := $(OBJ)/libchaos.a
UNIT_SRC := $(wildcard test/unit/*_test.c)
UNIT_BIN := $(UNIT_SRC:test/unit/%.c=$(OBJ)/test/unit/%)
SUPPORT_SRC := $(wildcard test/support/*.c)
SUPPORT_BIN := $(SUPPORT_SRC:test/support/%.c=$(OBJ)/test/support/%)
MAN := $(patsubst man/%,$(BUILD)/man/%,$(wildcard man/*.[157]))

.PHONY: all check check-unit check-bats check-layers check-headers check-man check-asan \
	bench demo soak install uninstall lint clean programs support
all: programs $(MAN) $(if $(filter rel,$(V)),$(BUILD)/share/completion.bash)
programs: $(PROGRAMS:%=$(BIN)/%) $(NODE:%=$(BIN)/%)
support: $(SUPPORT_BIN)

# Rewritten only when the compile line differs; every object depends on it.
$(OBJ)/flags: FORCE
	@mkdir -p $(@D)
	@echo '$(subst ','\'',$(CC) $(OUR_CFLAGS) $(CPPFLAGS) $(CFLAGS))' | cmp -s - $@ || \
		echo '$(subst ','\'',$(CC) $(OUR_CFLAGS) $(CPPFLAGS) $(CFLAGS))' > $@
FORCE:

$(OBJ)/%.o: %.c $(OBJ)/flags
	@mkdir -p $(@D)
	@echo '  CC  $@'
	@$(CC) $(OUR_CFLAGS) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(LIB): $(LIB_OBJ)
	@rm -f $@
	@$(AR) rcs $@ $^

define program_rule
$(BIN)/$(1): $$(patsubst %.c,$(OBJ)/%.o,$$(wildcard $(2)/*.c)) $(LIB)
	@mkdir -p $$(@D)
	@echo '  LD  $$@'
	@$$(CC) $(LINK_$(V)) $$(LDFLAGS) -o $$@ $$^ $$(call libs_of,$$(PKGS_$(1))) -lm
endef
$(foreach p,$(PROGRAMS),$(eval $(call program_rule,$(p),cmd/$(p))))
$(eval $(call program_rule,chaos-node,service))

$(OBJ)/test/unit/%: $(OBJ)/test/unit/%.o $(LIB)
	@mkdir -p $(@D)
	@echo '  LD  $@'
	@$(CC) $(LINK_$(V)) $(LDFLAGS) -o $@ $^ $(call libs_of,$(PKGS_ALL)) -lm
$(OBJ)/test/support/%: $(OBJ)/test/support/%.o $(LIB)
	@mkdir -p $(@D)
	@echo '  LD  $@'
	@$(CC) $(LINK_$(V)) $(LDFLAGS) -o $@ $^ -lm

# The OPTIONS section of a program's page comes from its option table.
$(BUILD)/man/%: man/% programs
	@mkdir -p $(@D)
	@awk -v program='$(BIN)/$(basename $*)' '/^\.\\" @OPTIONS@/ { \
		ask = program " --mdoc-options"; \
		while ((ask | getline line) > 0) print line; close(ask); next } \
		{ print }' $< > $@
$(BUILD)/share/completion.bash: programs
	@mkdir -p $(@D)
	@for p in $(PROGRAMS); do $(BIN)/$$p --completion; done > $@

-include $(wildcard $(OBJ)/lib/*/*.d $(OBJ)/cmd/*/*.d $(OBJ)/service/*.d $(OBJ)/test/*/*.d)
-include test/check.mk

install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/chaos \
		$(DESTDIR)$(PREFIX)/share/bash-completion/completions
	install $(PROGRAMS:%=$(BIN)/%) $(BIN)/chaos-node $(DESTDIR)$(PREFIX)/bin
	for m in $(MAN); do \
		install -D -m 644 $$m $(DESTDIR)$(PREFIX)/share/man/man$${m##*.}/$${m##*/}; done
	cp -r share/. scenarios schema $(DESTDIR)$(PREFIX)/share/chaos/
	install -m 644 $(BUILD)/share/completion.bash \
		$(DESTDIR)$(PREFIX)/share/bash-completion/completions/chaos

uninstall:
	rm -f $(PROGRAMS:%=$(DESTDIR)$(PREFIX)/bin/%) $(DESTDIR)$(PREFIX)/bin/chaos-node \
		$(foreach m,$(notdir $(MAN)),$(DESTDIR)$(PREFIX)/share/man/man$(subst .,,$(suffix $(m)))/$(m)) \
		$(DESTDIR)$(PREFIX)/share/bash-completion/completions/chaos
	rm -rf $(DESTDIR)$(PREFIX)/share/chaos

clean:
	rm -rf $(BUILD)

# A build that fails when recovery takes longer than RECOVERY seconds:
#
#	make -f examples/ci/chaos.mk RECOVERY=10
#
# It leaves the run in runs/$(RUN), chaos.json, and its reasons in chaos.xml (JUnit) and chaos.md. It fails as well where
# the run was inconclusive: what could not be measured has not passed.
HERE := $(dir $(lastword $(MAKEFILE_LIST)))
CONFIG ?= $(HERE)config.yaml
SCENARIO ?= $(HERE)scenario.yaml
RECOVERY ?= 10
RUN ?= ci

.PHONY: chaos run report
chaos: run
	@$(MAKE) --no-print-directory -f $(HERE)chaos.mk report

# What came of it, for what reads JUnit and for people.
tell = chaos-to junit $(1) > chaos.xml && chaos-to github-summary $(1) > chaos.md && \
	if [ -n "$$GITHUB_ACTIONS" ]; then chaos-to github $(1); else cat chaos.md; fi

# 1 and 3 are for the report to tell. What was stopped, or left something behind, has a verdict and no analysis.
run:
	@chaos-scenario --config $(CONFIG) --scenario $(SCENARIO) --run-id $(RUN) --force || { code=$$?; case $$code in \
	1 | 3) ;; 2) exit 2 ;; *) $(call tell,--run-id $(RUN)); exit $$code ;; esac; }

report:
	@code=0; \
	chaos-analyze --run-id $(RUN) --fail-on 'recovery_time_sec > $(RECOVERY)' > chaos.json || code=$$?; \
	$(call tell,--name $(RUN) chaos.json); \
	exit $$code

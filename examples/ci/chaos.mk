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

# 1 and 3 are for the report to tell.
run:
	@chaos-scenario --config $(CONFIG) --scenario $(SCENARIO) --run-id $(RUN) --force || { code=$$?; [ $$code = 1 ] || [ $$code = 3 ]; }

report:
	@code=0; \
	chaos-analyze --run-id $(RUN) --fail-on 'recovery_time_sec > $(RECOVERY)' > chaos.json || code=$$?; \
	chaos-to junit --name $(RUN) chaos.json > chaos.xml && \
	chaos-to github-summary --name $(RUN) chaos.json > chaos.md && \
	if [ -n "$$GITHUB_ACTIONS" ]; then chaos-to github --name $(RUN) chaos.json; else cat chaos.md; fi; \
	exit $$code

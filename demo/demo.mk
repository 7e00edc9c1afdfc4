# The demo: unattended, under two minutes, everything under build/demo.

demo: all $(OBJ)/test/support/freeports
	@demo/run $(BIN) $(OBJ)/test/support/freeports $(BUILD)/demo

# Runs ended at random moments; SOAK_RUNS and SOAK_SEED choose how many and which.
# Then what else takes longer than a check may; ten million audited writes among it (AUDIT_S, AUDIT_RPS).
soak: all support $(OBJ)/test/unit/sequential_test
	@LONG=1 $(OBJ)/test/unit/sequential_test
	@test/soak $(or $(SOAK_RUNS),200) $(SOAK_SEED)
	@test/soak-proxy $(SOAK_CHANGES)
	@AUDIT_S=$(or $(AUDIT_S),600) AUDIT_RPS=$(or $(AUDIT_RPS),17000) test/run-bats test/slow/*.bats

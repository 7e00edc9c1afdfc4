# The demo: unattended, under two minutes, everything under build/demo.

demo: all $(OBJ)/test/support/freeports
	@demo/run $(BIN) $(OBJ)/test/support/freeports $(BUILD)/demo

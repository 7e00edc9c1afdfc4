# Events of n faults, the first from at for length seconds, the others each gap seconds later.
function line(t, event, i) {
	printf "{\"t\":%.6f,\"event\":\"%s\",\"fault\":\"f%d\",\"action\":\"%s\",\"node\":\"%s\"%s}\n",
		t, event, i, i % 2 ? "kill" : "pause", "service-node-" (i % 3 + 1),
		event == "fault_injected" ? ",\"past\":\"" (i % 2 ? "killed" : "paused") "\"" : ""
}
BEGIN {
	t0 = 1766500000.25
	printf "{\"t\":%.6f,\"event\":\"phase\",\"format\":\"chaos-events/1\",\"run_id\":\"r\"}\n", t0
	for (i = 1; i <= n; i++) {
		from = t0 + at + (i - 1) * gap
		line(from, "fault_requested", i)
		line(from + 0.012, "fault_injected", i)
		line(from + length_s, "revert_requested", i)
		line(from + length_s + 0.31, "reverted", i)
	}
}

# Nodes that are pods; more of it is in test/slow.
load helper
load fault_helper
load kube_helper

@test "kill deletes the pods without grace and is over when their controller has healed it" {
	local before
	config "selector: 'app=web,tier=front', namespace: shop"
	before=$(uids)
	run -0 --separate-stderr chaos-fault kill web --json --all-down
	jq -se 'map(.event) - ["node_down", "node_ready"] ==
			["fault_requested", "fault_injected", "fault_verified", "reverted"] and
		(map(select(.event == "fault_injected"))[0].ends == "target") and .[-1].healed_s > 0.2' <<<"$output"
	assert_equal "$(deleted '[.options.gracePeriodSeconds, .options.preconditions.uid]' | jq -c 'map(.[0]), (map(.[1]) | sort | join(" "))')" \
		"$(printf '%s\n' '[0,0]' "\"$before\"")"
	assert_equal "$(comm -12 <(tr ' ' '\n' <<<"$before") <(uids | tr ' ' '\n') | wc -l)" 0
	assert_equal "$(active)" 0
	config "selektor: app=web"
	run -2 chaos-fault kill web --all-down
	assert_line_says "$output" "'selektor'" "'selector'?"
}

@test "a controller that may not be read: the node is not ready, in kubectl's words" {
	touch cluster/secret
	WITHIN=2s
	config "selector: app=web"
	assert_equal "$(field web ready)" false
	run -6 chaos-fault up web
	assert_output --partial 'replicasets.apps "web-rs" is forbidden'
	rm cluster/secret
	wait_for 20 eval '[ "$(field web ready)" = true ]'
}

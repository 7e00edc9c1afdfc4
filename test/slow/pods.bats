# Nodes that are pods: what takes longer.
load ../bats/helper
load ../bats/fault_helper
load ../bats/kube_helper

@test "one of two, by its own grace: healed when the controller has as many as it wants" {
	config "selector: app=web, count: 1"
	local first before
	before=$(uids)
	first=$(field web identity)
	run -0 --separate-stderr chaos-fault stop web --json --all-down
	jq -se '.[-1] | .event == "reverted" and .healed_s > 0.2' <<<"$output"
	assert_equal "$(deleted '[.options.preconditions.uid, .options.gracePeriodSeconds]')" "[[\"$first\",null]]"
	assert_equal "$(comm -12 <(tr ' ' '\n' <<<"$before") <(uids | tr ' ' '\n') | wc -l)" 1
}

@test "what cannot be paused, would not come again, is not there or not known is not touched" {
	run -3 chaos-fault pause web --for 1s --all-down
	assert_output --partial "pods cannot be paused"
	run -2 chaos-fault kill web --for 5s --all-down
	assert_output --partial "takes no 'for'"
	config "selector: app=alone"
	run -3 chaos-fault kill web --all-down
	assert_output --partial "the pod 'alone-3' has no controller"
	config "selector: app=wep"
	assert_equal "$(field web state)" down
	run -6 chaos-fault up
	assert_line_says "$output" pod "'app=wep'" namespace "'shop'"
	config "selector: app=web, context: there"
	run -6 chaos-fault kill web --all-down
	assert_output --partial 'there'
	[ ! -e cluster/deleted ]
}

@test "one that does not heal: exit 1, left over until it does" {
	touch cluster/broken
	WITHIN=4s # three times that for the undo, which asks kubectl a dozen times
	config "selector: app=web"
	run chaos-fault kill web --all-down
	[ "$status" -ne 0 ]
	assert_line_says "$output" started: pod "'app=web'"
	assert_equal "$(active)" 1
	rm cluster/broken
	run -0 chaos-fault undo --all
	assert_equal "$(field web state) $(active)" "up 0"
}

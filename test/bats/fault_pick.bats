# chaos-fault --pick: some of the nodes, drawn by a seed or by their role; and what stays up.
load helper
load fault_helper

setup() {
	scratch
}

teardown() {
	hang_up
	end_cluster
}

# picked ARGUMENT…: pauses what is picked for a moment and prints which.
picked() {
	chaos-fault pause --for 1ms --json "$@" 2>&1 |
		jq -r 'select(.event == "picked").nodes | join(" ")'
}

@test "the same seed picks the same; without one it is drawn and told" {
	cluster
	chaos-fault up
	local seed seen='' first
	for seed in 1 2 3 4 5 6 7 8; do
		first=$(picked '*' --pick one --seed $seed)
		assert_equal "$(picked c b a --pick one --seed $seed)" "$first"
		assert_equal "$(picked --mode http --pick 1 --seed $seed)" "$first"
		seen+=" $first"
	done
	assert_equal "$(tr ' ' '\n' <<<"$seen" | grep . | sort -u | xargs)" "a b c"
	run -0 chaos-fault kill '*' --pick one --for 20ms
	[[ "${lines[0]}" =~ ^chaos-fault:\ picked\ ([abc])\ of\ a,\ b,\ c\ \(seed\ ([0-9]+)\)$ ]]
	assert_equal "$(picked '*' --pick one --seed "${BASH_REMATCH[2]}")" "${BASH_REMATCH[1]}"
	# One node less to pick from: no other is picked, unless it was that one.
	chaos-fault down a
	for seed in 1 2 3 4; do
		first=$(awk -v n=$seed '{ print $n }' <<<"$seen")
		[ "$first" = a ] || assert_equal "$(picked '*' --pick one --seed $seed)" "$first"
	done
}

@test "a number, a share, all that can: the protected and the unable are never among them" {
	cluster
	echo 'faults: {protect: [b]}' >>config.yaml
	chaos-fault up
	local seed
	for seed in 1 2 3 4 5 6; do
		assert_regex "$(picked '*' --pick one --seed $seed)" '^[ac]$'
	done
	assert_equal "$(picked '*' --pick 30% | wc -w)" 1
	assert_equal "$(picked '*' --pick 100% | xargs)" "a c"
	assert_equal "$(picked '*' --pick all)" "a c"
	run -2 chaos-fault pause '*' --pick 3 --for 1ms
	assert_says "$output" chaos-fault: pause: "pick 3:" "only 2" nodes
	run -2 chaos-fault pause b --pick one --for 1ms
	assert_output --partial "'b' is protected"
	chaos-fault down c
	assert_equal "$(picked '*' --pick all)" a
}

@test "primary and replica: as Redis says at that moment" {
	cluster both
	sed -i 's/ready: replica/ready: ping/' config.yaml
	chaos-fault up
	assert_equal "$(picked '*' --pick primary)" p
	assert_equal "$(picked p r --pick replica)" r
	# They change places.
	redis-cli -p "${REDIS_PORTS[1]}" replicaof no one
	redis-cli -p "${REDIS_PORTS[0]}" replicaof 127.0.0.1 "${REDIS_PORTS[1]}"
	assert_equal "$(picked --mode redis --pick primary)" r
	assert_equal "$(picked --mode redis --pick replica)" p
	run -2 chaos-fault kill a b --pick primary
	assert_says "$output" chaos-fault: kill: none nodes "Redis primary"
}

@test "a session picks by its seed: the same again, and anew for each line" {
	cluster
	chaos-fault up
	local round i out=()
	for round in 1 2; do
		session --seed 11
		for i in 1 2 3 4 5 6 7 8; do
			# One at a time: what has a fault is not among those of which one is picked.
			say "pause * pick one for 20ms"
			wait_for 10 eval '[ "$(grep -c \"reverted\" "$EVENTS")" -eq $i ]'
		done
		hang_up
		ended
		assert_equal "$RC" 0
		out[round]=$(jq -r 'select(.event == "picked") | "\(.number) \(.seed) \(.nodes[0])"' "$EVENTS")
	done
	assert_equal "${out[1]}" "${out[2]}"
	[ "$(wc -l <<<"${out[1]}")" -eq 8 ]
	[ "$(awk '{ print $3 }' <<<"${out[1]}" | sort -u | wc -l)" -ge 2 ]
	jq -se '(map(select(.event == "picked").nodes[0])) == (map(select(.event == "fault_injected").node))
		and (map(.t) | . == sort)' "$EVENTS"
	run -2 --separate-stderr bash -c 'printf "%s\n" "kill a pick" "kill a pick oen" "up a pick one" \
		"revert all pick one" "kill a b pick 3" | chaos-fault --control'
	jq -r 'select(.event == "error") | "\(.line) \(.message)"' <<<"$output" >errors
	errors_say 5 <<-'EOF'
		1|'pick'|number|'pick one'
		2|'oen'|'one'?
		3|'pick'|up
		4|'pick'|revert
		5|kill:|pick 3:|2
	EOF
}

@test "some of a mode stay up, unless --all-down; nothing is touched" {
	cluster both
	chaos-fault up
	local before verb
	before=$(world)
	for verb in kill stop pause; do
		run -2 chaos-fault $verb a b c --for 1s
		assert_says "$output" chaos-fault: "$verb 'a'" others "no http node up" --all-down
		run -2 chaos-fault $verb '*' --pick all --for 1s
		assert_line_says "$output" http node up
	done
	assert_equal "$(world)" "$before"
	run -0 chaos-fault pause a b p --for 50ms
	run -0 chaos-fault kill a b c --all-down --for 50ms
	# What is down, or has a fault, is none that is up.
	chaos-fault down c
	bg chaos-fault pause a
	wait_for 5 is a paused
	wait_for 5 grep -q 'Ctrl-C puts it back' "$BG_ERR"
	run -2 chaos-fault kill b --for 1s
	assert_says "$output" chaos-fault: "kill 'b'" "no http node up" --all-down
	is b up
}

@test "of the last two nodes, the one asked for last is refused, though it has answered just before" {
	cluster
	chaos-fault up a b
	session
	say "pause b for 100ms"
	wait_for 5 saw reverted
	say "kill a" "kill b"
	wait_for 5 saw error
	wait_for 5 saw fault_injected '.action == "kill"'
	jq -se 'map(select(.event == "error").line) == [3]' "$EVENTS"
	jq -se 'map(select(.event == "fault_injected").node) == ["b", "a"]' "$EVENTS"
	hang_up
	ended
}

@test "of two that break the last two nodes at once, one is refused" {
	strace -o /dev/null true || skip "strace cannot trace here"
	cluster
	chaos-fault up
	chaos-fault down c
	# The first is held up between its look and its intent.
	bg strace -o /dev/null -e trace=fsync -e inject=fsync:delay_enter=500000 chaos-fault pause a --for 3s
	wait_for 5 in_between
	run -2 chaos-fault pause b --for 1s
	assert_line_says "$output" chaos-fault: "pause 'b'" "no http node up" --all-down
	wait "$BG_PID"
	run -0 chaos-fault pause b --for 10ms
}
# in_between: an entry is being written.
in_between() { [ -n "$(find "$XDG_STATE_HOME/chaos/faults" -name '.f*')" ]; }

@test "some stay up in a session too: a line is done whole or not at all" {
	cluster both
	chaos-fault up
	session
	say "kill a b c" "kill p r" "kill a" "kill b" "pause c" "kill p for 20ms all-down"
	wait_for 5 saw reverted '.node == "p"'
	wait_for 5 saw error '.line == 5'
	jq -se 'map(select(.event == "error") | "\(.line) \(.message)") ==
		["1 kill '"'a'"' with the others would leave no http node up; '"'all-down'"' allows that",
		 "2 kill '"'p'"' with the others would leave no redis node up; '"'all-down'"' allows that",
		 "5 pause '"'c'"' would leave no http node up; '"'all-down'"' allows that"]' "$EVENTS"
	# What is just being put back counts: a rolling outage of two nodes goes on.
	say "kill p"
	wait_for 5 saw node_down '.node == "p" and .fault == "f4"'
	say "restart p" "kill r"
	wait_for 5 saw node_down '.node == "r"'
	hang_up
	ended
	assert_equal "$RC" 2
	jq -se 'map(select(.event == "error")) | length == 3' "$EVENTS"
}

@test "a node that is alone in its mode may go; one that cannot be started counts if it answers" {
	cluster
	printf 'nodes:\n  d: {url: "http://127.0.0.1:%s", process: [chaos-node, --port, "%s"]}\n' \
		"${PORTS[4]}" "${PORTS[4]}" >config.yaml
	chaos-fault up
	run -0 chaos-fault kill d --for 20ms
	printf '  e: {url: "http://127.0.0.1:%s"}\n' "${PORTS[3]}" >>config.yaml
	run -2 chaos-fault kill d --for 20ms
	assert_line_says "$output" http node up
	bg chaos-node --port "${PORTS[3]}"
	wait_for 5 http_up "${PORTS[3]}"
	run -0 chaos-fault kill d --for 20ms
}

@test "usage of --pick: one line, exit 2" {
	cluster
	check() { # PIECE|PIECE… ARGUMENT…
		local pieces
		IFS='|' read -ra pieces <<<"chaos-fault:|$1"
		shift
		run -2 chaos-fault "$@"
		assert_says "$output" "${pieces[@]}"
	}
	check "--pick:|'al'|'all'?" kill a --pick al
	check "--pick:|'0'" kill a --pick 0
	check "--pick:|130%|0%|100%" kill a --pick 130%
	check "--pick|up" up --pick one
	check "--all-down|ls" ls --all-down
	check "--seed|--pick" kill a --seed 4
	check "--mode|up, down, ls and --pick|kill" kill --mode http
	check "--pick|--control" --control --pick one
}

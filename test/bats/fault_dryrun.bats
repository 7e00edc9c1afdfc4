# chaos-fault --dry-run: said, not done.
load helper
load fault_helper

setup() {
	scratch
	cluster
}

teardown() {
	end_cluster
}

@test "each target: first, does, seen, until, undo, seen, lacks; nothing is touched" {
	run -0 chaos-fault up --dry-run
	assert_line --partial "does   run chaos-node --port ${HTTP_PORTS[0]} --name a in $SCRATCH, "
	assert [ ! -e "$XDG_STATE_HOME" ]
	chaos-fault up
	local before verb pid
	before=$(world) pid=$(field b pid)
	run -0 chaos-fault kill b --for 3s --dry-run
	assert_line --index 0 "kill b (process, pid $pid)"
	assert_line_says "$output" first intent undo "$XDG_STATE_HOME/chaos/faults" fsync guard
	assert_line --regexp "^  does +pidfd_open\($pid\), then kill\(-[0-9]+, SIGKILL\)"
	assert_line_says "$output" seen process ended "port ${HTTP_PORTS[1]}" closed "within 5s" not answer "within 500ms"
	assert_line --regexp "^  until +3s later, or Ctrl-C"
	assert_line --regexp "^  undo +run chaos-node --port ${HTTP_PORTS[1]} --name b in "
	assert_line --regexp "^  seen +it is ready: GET /health, within 20s$"
	assert_line --regexp "^  lacks +nothing$"
	run -0 chaos-fault kill b --signal INT -n
	assert_line --regexp "^  does +pidfd_open\($pid\), then kill\(-[0-9]+, SIGINT\)"
	for verb in stop pause restart down; do run -0 chaos-fault $verb b -n; done
	run -0 chaos-fault pause '*' --pick one --seed 2 --dry-run --json
	jq -se 'length == 2 and .[1].dry_run == "pause" and .[1].node == .[0].nodes[0]
		and (.[1].does[0] | test("SIGSTOP")) and (.[1].undo[0] | test("SIGCONT")) and .[1].lacks == []' <<<"$output"
	assert_equal "$(world)" "$before"
	assert_equal "$(field b pid)" "$pid"
	assert_equal "$(active)" 0
	run pgrep -f "chaos-fault guard .*$SCRATCH"
	refute_output
}

@test "a node whose process has ended is not running" {
	chaos-fault up a
	local pid
	pid=$(field a pid)
	kill -KILL "$pid"
	wait_for 5 gone "$pid"
	run -0 chaos-fault up a --dry-run
	assert_line --index 0 "up a (process, not running)"
	refute_output --partial "$pid"
	run -0 chaos-fault down a --dry-run
	refute_output --partial "$pid"
}

@test "what would be refused is refused; --dry-run where it has no sense" {
	run -2 chaos-fault kill a --dry-run
	assert_output --partial "'a' is not running"
	chaos-fault up
	run -2 chaos-fault kill a b c --dry-run
	assert_line_says "$output" http node up
	run -2 chaos-fault kill a --detach --dry-run
	assert_output --partial "--detach needs an end"
	run -2 chaos-fault ls --dry-run
	run -2 chaos-fault --control --dry-run
}

@test "a node that does not answer at its URL is refused as by the fault itself; --stay-down takes it" {
	variant brief
	free_ports 2
	cat >config.yaml <<-EOF
		nodes:
		  mute: {url: "http://127.0.0.1:${PORTS[0]}", process: [sleep, "60"]}
		  other: {url: "http://127.0.0.1:${PORTS[1]}", process: [chaos-node, --port, "${PORTS[1]}"]}
	EOF
	chaos-fault up other
	bg chaos-fault up mute
	wait_for 5 is mute up
	local verb real
	for verb in pause kill; do
		run -2 chaos-fault "$verb" mute --for 100ms
		real=$output
		assert_line_says "$output" "'mute'" "not answer" "'http://127.0.0.1:${PORTS[0]}' (Connection refused)"
		run -2 chaos-fault "$verb" mute --for 100ms --dry-run
		assert_output "$real"
	done
	run -2 chaos-fault kill other mute --all-down --dry-run
	assert_output "$real"
	run -0 chaos-fault kill mute --stay-down --dry-run
}

@test "undo: what would be called, and a fault that is left over stays so" {
	chaos-fault up
	bg chaos-fault pause a
	wait_for 5 grep -q 'Ctrl-C puts it back' "$BG_ERR"
	local guard pid
	guard=$(head -n 1 "$XDG_STATE_HOME/chaos/faults/f1.json" | jq .guard.pid)
	pid=$(field a pid)
	killed "$guard" "$BG_PID"
	wait_for 5 gone "$guard"
	wait_for 5 gone "$BG_PID"
	local what
	for what in f1 --all; do
		run -0 chaos-fault undo $what --dry-run
		assert_line --index 0 "undo f1, pause of a (process, pid $pid)"
		assert_line --regexp "^  undo +pidfd_open\($pid\), then kill\(-[0-9]+, SIGCONT\)"
	done
	run -0 chaos-fault undo f1 --dry-run --json
	jq -e '.dry_run == "undo" and .fault == "f1" and .action == "pause" and .node == "a"' <<<"$output"
	grep -q '^State:.*T' "/proc/$pid/status"
	assert_equal "$(active)" 1
	run -2 chaos-fault undo f9 --dry-run
	run -2 chaos-fault kill a --dry-run # it is paused by a fault
	chaos-fault undo --all
	run -0 chaos-fault undo --all --dry-run
	assert_line_says "$output" nothing undo
}

@test "undo of what took a node down: it is looked at as it is now" {
	chaos-fault up
	local pid
	pid=$(field a pid)
	bg chaos-fault kill a
	wait_for 5 grep -q 'Ctrl-C puts it back' "$BG_ERR"
	run -0 chaos-fault undo f1 --dry-run
	assert_line --index 0 --regexp "^undo f1, kill of a "
	refute_output --partial "$pid"
	assert_line --regexp '^  lacks +nothing$'
	kill -INT "$BG_PID"
	wait "$BG_PID" || :
}

@test "another user's state is refused, exit 2, in a dry run too" {
	[ "$(id -u)" -eq 0 ] || cannot "only root can be somebody else"
	# Where others may look into every folder above.
	cd "$(mktemp -d)"
	chmod 755 .
	local nobody=(setpriv --reuid 65534 --regid 65534 --clear-groups)
	if ! "${nobody[@]}" test -r .; then
		rmdir "$PWD"
		cannot "this folder is closed to other users"
	fi
	export XDG_STATE_HOME=$PWD/state
	cluster
	cp "$(command -v chaos-fault)" "$(command -v chaos-node)" .
	PATH=$PWD:$PATH chaos-fault up
	chmod -R a+rX .
	run "${nobody[@]}" ./chaos-fault pause a --for 1s --dry-run
	chaos-fault down
	rm -r "$PWD"
	assert_equal "$status" 2
	assert_says "$output" chaos-fault: folder "'$XDG_STATE_HOME/chaos'" "another user"
}

@test "a program that is not there is lacking, also for the undo of a fault" {
	sed -i "s/chaos-node, --port, '${HTTP_PORTS[1]}'/.\/no-server, --port, '${HTTP_PORTS[1]}'/" config.yaml
	run -1 chaos-fault up --dry-run
	assert_line --regexp "^  lacks +'b': its program '$PWD/./no-server' is not there$"
	cp "$(command -v chaos-node)" no-server
	chaos-fault up
	chmod -x no-server
	run -0 chaos-fault pause b --dry-run
	run -0 chaos-fault kill b --stay-down --dry-run
	run -1 chaos-fault kill b --dry-run
	assert_line --regexp "^  lacks +'b': its program '$PWD/./no-server' cannot be run$"
	run -1 chaos-fault restart b --dry-run --json
	jq -e '.lacks == ["'"'b': its program '$PWD/./no-server' cannot be run"'"]' <<<"$output"
}

# chaos-fault on an engine that answers late: what was asked of it and has not been answered may be done
# behind our back, and must not be taken for what did not happen. The build is one whose bounds are short:
# what takes effect is seen within 1 s, and an engine answers within 6 s.
# shellcheck disable=SC2086 # $IN is words
load helper
load fault_helper
load engine_helper

setup_file() {
	variant brief
	engine_open docker
}

teardown_file() {
	engine_close
}

setup() {
	scratch
	free_ports 2
	box ca "${PORTS[0]}"
	box cb "${PORTS[1]}"
	cat >config.yaml <<-END
		nodes:
		  a: {url: "http://127.0.0.1:${PORTS[0]}", container: ca}
		  b: {url: "http://127.0.0.1:${PORTS[1]}", container: cb}
	END
	wait_for 10 up "${PORTS[0]}"
	wait_for 10 up "${PORTS[1]}" # what breaks one asks whether the other is there
}

teardown() {
	local id
	end_bg
	for id in $(engine GET '/containers/json?all=1' | jq -r '.[].Id'); do unbox "$id"; done
}

fault() { $IN chaos-fault "$@"; }
inactive() { [ "$(active)" = 0 ]; }
up() { $IN curl -sf -o /dev/null --max-time 2 "http://127.0.0.1:$1/health"; }

# slow WORD MS: the engine that chaos-fault speaks to from here on.
slow() {
	slowengine "$SCRATCH/slow.sock" "$ENGINE_SOCK" "$1" "$2" >/dev/null 2>&1 </dev/null 3>&- &
	BG_PIDS+=($!)
	wait_for 5 test -S "$SCRATCH/slow.sock"
	export DOCKER_HOST=unix://$SCRATCH/slow.sock
}

# stays STATE MS: nothing is left over, also when the engine has done all that it was asked for.
stays() {
	local until=$((${EPOCHREALTIME/./} + $2 * 1000))
	while [ "${EPOCHREALTIME/./}" -lt $until ]; do
		assert_equal "$(state ca) $(active)" "$1 0"
	done
}

@test "an engine that pauses late: the pause is awaited and undone" {
	slow pause 1800
	run -3 fault pause a --for 1s
	assert_output --partial "is undone: not within 1s: the container engine has not answered yet"
	stays running 1200
}

@test "an engine that kills late: the kill is awaited and undone" {
	slow kill 1800
	run -3 fault kill a --for 1s
	assert_output --partial "a is back up"
	stays running 1200
}

@test "an engine that starts late: what a session could not bring up is down after it" {
	fault down a
	sed -i 's/container: ca/&, ready_within: 500ms/' config.yaml
	slow start 1500
	run -6 --separate-stderr fault --control --bring-up http </dev/null
	stays exited 1200
}

@test "a server that drains longer than a kill is waited for: its end does not come after the undo" {
	unbox ca
	box ca "${PORTS[0]}" '{"Cmd": ["drainnode", "'"${PORTS[0]}"'", "1800"]}'
	wait_for 10 up "${PORTS[0]}"
	run -3 fault kill a --signal TERM --for 1s
	assert_output --partial "had no effect and is undone: not within 1s"
	assert_output --partial "a is back up"
	stays running 1200
}

@test "an engine that is gone before it answers: exit 5 with what to do, and put back when it is there again" {
	sed -i 's/container: ca/&, ready_within: 1s/' config.yaml
	slow pause 1800
	bg $IN chaos-fault pause a --for 1s
	wait_for 5 grep -q begun "$XDG_STATE_HOME"/chaos/faults/f1.json
	sleep 0.2
	kill "${BG_PIDS[0]}"
	rm "$SCRATCH/slow.sock"
	RC=0
	wait "$BG_PID" || RC=$?
	assert_equal "$RC" 5
	run -0 cat "$BG_ERR"
	assert_line --partial "the pause of 'a' could not be put back: not within 7s: the container engine at"
	assert_line --regexp "; by hand: chaos-fault undo f1$"
	assert_equal "$(active)" 1
	# What the engine has done meanwhile.
	engine POST "/containers/ca/pause"
	ln -s "$ENGINE_SOCK" "$SCRATCH/slow.sock"
	wait_for 10 inactive
	assert_equal "$(state ca)" running
}

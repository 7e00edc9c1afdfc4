# Nodes of a kind that is a program, shown with pidfile: a process with a file that holds its pid.
load helper
load fault_helper

setup() {
	scratch
	unset CHAOS_PATH
	free_ports 2
	HTTP_PORTS=("${PORTS[@]:0:2}")
	local i names=(a b)
	echo "nodes:" >config.yaml
	for i in 0 1; do
		cat <<-EOF
			  ${names[i]}:
			    url: http://127.0.0.1:${PORTS[i]}
			    kind: pidfile
			    with: {pidfile: $SCRATCH/${names[i]}.pid, run: $(type -p chaos-node) --port ${PORTS[i]} --name ${names[i]}}
		EOF
	done >>config.yaml
}

teardown() { end_cluster; }

entry() { head -n 1 "$XDG_STATE_HOME/chaos/faults/f1.json" | jq -r ".$1"; }
pid_of() { cut -d' ' -f1 "$1.pid"; }
# own [SED]: the nodes are of a kind of the test's own from here on: pidfile, changed so.
own() {
	mkdir -p own/kinds
	sed "${1:-}" "$ROOT/libexec/kinds/pidfile" >own/kinds/own
	chmod +x own/kinds/own
	sed -i 's/kind: pidfile/kind: own/' config.yaml
	export CHAOS_PATH=$SCRATCH/own
}
hold() {
	bg chaos-fault "$@"
	wait_for 20 grep -q 'held for\|Ctrl-C puts it back' "$BG_ERR"
}
# back NODE: it is up and ready, and nothing is written down.
back() { none_active && is "$1" up && [ "$(field "$1" ready)" = true ]; }

@test "up, ls, restart, down: by the program alone" {
	run -0 chaos-fault up
	assert_equal "$(chaos-fault ls --json a | jq -r '"\(.kind) \(.state) \(.ready) \(.identity)"')" \
		"program up true $(cat a.pid)"
	http_up "${HTTP_PORTS[1]}"
	local before
	before=$(pid_of a)
	run -0 chaos-fault up a
	assert_equal "$(pid_of a)" "$before"
	run -0 chaos-fault restart a
	[ "$(pid_of a)" != "$before" ]
	run -0 chaos-fault pause a --for 100ms
	run -0 chaos-fault down
	assert_equal "$(field a state)" down
	assert_equal "$(field a pid)" null
	gone "$(pid_of b)"
	none_active
}

@test "kill, stop and pause are seen and put back" {
	chaos-fault up 2>/dev/null
	local verb first
	for verb in kill stop pause; do
		first=$(pid_of a)
		# Without a deadline: after one, a guard does not wait long for an owner that has no turn.
		bg chaos-fault "$verb" a --json
		wait_for 20 grep -q fault_verified "$BG_OUT"
		kill -INT "$BG_PID"
		wait "$BG_PID" || [ $? -eq 130 ]
		jq -se 'map(.event) - ["node_down", "node_ready"] == ["fault_requested", "fault_injected",
			"fault_verified", "revert_requested", "reverted"]' "$BG_OUT"
		jq -se '.[-1].by_other != true' "$BG_OUT"
		back a
		if [ "$verb" = pause ]; then assert_equal "$(pid_of a)" "$first"; else gone "$first"; fi
	done
	first=$(pid_of b)
	hold pause b
	assert_equal "$(field b state)" paused
	run -2 chaos-fault start b
	kill -INT "$BG_PID"
	wait_for 20 back b
	assert_equal "$(pid_of b)" "$first"
}

@test "a session brings nodes up, breaks them, and takes down what it brought up" {
	chaos-fault up b 2>/dev/null
	session --bring-up http
	say "kill a for 300ms"
	wait_for 20 saw reverted
	say "pause b"
	wait_for 20 saw fault_verified '.action == "pause"'
	hang_up
	ended
	assert_equal "$RC" 0
	assert_equal "$(field a state)" down
	back b
}

@test "SIGKILL of the holder: its guard puts back; of the guard too: the next chaos-fault" {
	own
	chaos-fault up 2>/dev/null
	hold kill a
	assert_equal "$(entry how.program)" own
	assert_equal "$(entry how.with.pidfile)" "$SCRATCH/a.pid"
	[ -x "$XDG_STATE_HOME/chaos/programs/$(entry target.sum)" ]
	[ -n "$(entry target.identity)" ]
	killed "$BG_PID"
	wait_for 20 back a
	local first
	first=$(pid_of a)
	hold pause a
	killed "$(entry guard.pid)" "$BG_PID"
	assert_equal "$(active)" 1
	# Neither the config nor the program is needed any more.
	mv config.yaml kept.yaml
	CHAOS_PATH='' run -0 chaos-fault undo f1
	mv kept.yaml config.yaml
	back a
	assert_equal "$(pid_of a)" "$first"
	hold kill a
	killed "$(entry guard.pid)" "$BG_PID"
	run -0 chaos-fault ls
	assert_output --partial "f1 (kill of 'a') is left over"
	back a
}

# rewritten FILTER: the entry that is kept, with its first line changed so.
rewritten() { head -n 1 kept | jq -c "$1" && tail -n +2 kept; }

@test "a kind or keys that neither config nor an earlier fault had are not run; the config confirms" {
	chaos-fault up 2>/dev/null
	hold kill a
	local file=$XDG_STATE_HOME/chaos/faults/f1.json command forged
	killed "$(entry guard.pid)" "$BG_PID"
	cp "$file" kept
	for forged in ".how.with.run = \"touch $SCRATCH/ran\"" '.how.program = "systemd" | .how.with = {unit: "x"}'; do
		rewritten "$forged" >"$file"
		for command in ls 'undo f1'; do
			# shellcheck disable=SC2086 # words
			run --separate-stderr -5 chaos-fault $command
			assert_line_says "$stderr" chaos-fault: "f1 (kill of 'a'):" journal run "config, '$SCRATCH/config.yaml'" "'chaos-fault undo --forget f1'"
		done
		run -6 chaos-fault undo f1 --dry-run
	done
	[ ! -e ran ]
	# Written by a version that made no notes; then with the keys of a config that has changed since.
	cp kept "$file"
	rm "$XDG_STATE_HOME"/chaos/nodes/a-*/confirmed
	mv config.yaml kept.yaml
	run --separate-stderr -5 chaos-fault undo f1
	sed "s/--name a/--name a2/" kept.yaml >config.yaml
	run --separate-stderr -5 chaos-fault undo f1
	rewritten '.how.with.run |= sub("--name a"; "--name a2")' >"$file"
	run --separate-stderr -0 chaos-fault undo f1
	back a
}

@test "a guard without descriptors says so of the copy that it cannot open, and undoes it when it has some" {
	chaos-fault up 2>/dev/null
	local guard log=$XDG_STATE_HOME/chaos/guard.log
	hold pause a
	guard=$(entry guard.pid)
	prlimit --pid "$guard" --nofile=17:
	killed "$BG_PID"
	wait_for 10 grep -q "/programs/.*: Too many open files" "$log"
	prlimit --pid "$guard" --nofile=99:
	wait_for 20 back a
	run ! grep "gone or not" "$log"
}

@test "a wrong name gets the nearest one, with its place: exit 2" {
	sed -i '0,/kind: pidfile/s//kind: pidfil/' config.yaml
	run -2 chaos-fault up a
	assert_says "$output" chaos-fault: config.yaml:4:11: "no kind 'pidfil'" "'pidfile'?"
	sed -i 's/with: {pidfile/with: {pidfiel/' config.yaml
	run -2 chaos-fault kill b
	assert_says "$output" chaos-fault: config.yaml:9:11: "'with'" "'b':" pidfile: "parameter 'pidfiel'" "'pidfile'?"
	sed -i 's/pidfiel/pidfile/' config.yaml
	run -0 chaos-fault up b
	none_active
	run -0 chaos-fault down b # by its name: with a in it, the config is refused
}

@test "what the config may not say is refused with its place" {
	printf 'nodes:\n  a: {url: "http://127.0.0.1:1", with: {x: 1}}\n' >bad.yaml
	run -2 chaos-fault --config bad.yaml ls
	assert_output --partial "bad.yaml:2:"
	printf 'nodes:\n  a: {url: "http://127.0.0.1:1", kind: pidfile, process: [x]}\n' >bad.yaml
	run -2 chaos-fault --config bad.yaml ls
	printf 'nodes:\n  a: {url: "http://127.0.0.1:1", kind: pidfile, with: {x: [1]}}\n' >bad.yaml
	run -2 chaos-fault --config bad.yaml ls
	assert_output --partial "bad.yaml:2:"
}

@test "what is not known, another's, or lacks what it needs is not touched" {
	chaos-fault up 2>/dev/null
	local pid
	pid=$(pid_of a)
	cp a.pid kept
	echo nonsense >a.pid
	run -6 chaos-fault kill a
	assert_line_says "$output" "'$SCRATCH/a.pid'" process
	assert_equal "$(field a state)" unknown
	echo "$pid" >a.pid
	assert_equal "$(field a state) $(field a pid)" "foreign $pid"
	run -2 chaos-fault kill a
	run -2 chaos-fault start a
	alive "$pid"
	mv kept a.pid
	own 's/"setsid"/"no-such-tool"/'
	run -2 chaos-fault kill a
	assert_output --partial "no-such-tool"
	alive "$pid"
	none_active
	own
}

@test "an act that the program refuses is undone; what ends while it starts is said" {
	chaos-fault up 2>/dev/null
	own 's/^kill) .*/kill) echo "not allowed" >\&2; exit 1 ;;/'
	run -3 chaos-fault kill a --for 5s
	assert_output --partial "not allowed"
	back a
	chaos-fault down a
	sed -i 's/--name a/--no-such-option/' config.yaml
	run ! chaos-fault start a
	assert_output --partial "has ended"
}

@test "--dry-run says what would be called, and touches nothing" {
	chaos-fault up 2>/dev/null
	rm -r "$XDG_STATE_HOME/chaos/programs"
	run -0 chaos-fault kill a --for 3s --dry-run
	assert_output --partial "run 'pidfile kill'"
	assert_output --partial "run 'pidfile start'"
	[ ! -e "$XDG_STATE_HOME/chaos/programs" ]
	back a
}

@test "a question is read the same in one line or several, with escapes and without" {
	local name how ticks
	ticks=$(sed 's/.*) //' "/proc/$$/stat" | cut -d' ' -f20)
	for name in 'two words' 'quo"te' 'back\slash' $'line\nbreak' $'gr\303\274n'; do
		echo "$$ $ticks" >"$SCRATCH/$name"
		for how in -c --tab; do
			run -0 "$ROOT/libexec/kinds/pidfile" look < <(jq -n $how --arg at "$SCRATCH/$name" \
				'{node: {name: "a", url: "http://127.0.0.1:1", port: 1}, with: {pidfile: $at, run: "x"}, identity: "", signal: "KILL"}')
			assert_output --partial "{\"look\": \"up\", \"identity\": \"$$ $ticks\""
		done
	done
	# What is no text is not taken for what is left away.
	echo $$ >plain
	touch -d '1 hour ago' plain
	for how in true '"true"'; do
		run -0 "$ROOT/libexec/kinds/pidfile" look <<<"{\"with\":{\"pidfile\":\"$SCRATCH/plain\",\"daemon\":$how}}"
		assert_output '{"look": "down"}'
	done
}

@test "ready by its program while nothing answers at its URL: not up, and it takes no fault" {
	variant brief
	mkdir -p my/kinds
	printf '#!/bin/sh\n[ "$1" = ready ] || exec %s "$@"\n' "$ROOT/libexec/kinds/pidfile" >my/kinds/liar
	chmod +x my/kinds/liar
	export CHAOS_PATH=$PWD/my
	sed -i "s/kind: pidfile/kind: liar/; s/run: .*}/run: sleep 60}\n    ready_within: 2s/" config.yaml
	run -6 chaos-fault up a
	assert_equal "$(chaos-fault ls --json a | jq -c '[.state, .ready]')" '["up",false]'
	run -2 chaos-fault kill a --all-down --for 100ms
	assert_line_says "$output" "'a'" "not answer" "'http://127.0.0.1:${PORTS[0]}' (Connection refused)"
	is a up
	run -0 chaos-fault down # with this kind in its path
}

@test "an act of an undo whose program dies is done again" {
	chaos-fault up a 2>/dev/null
	# shellcheck disable=SC2016 # the program's
	own 's/^case $1 in/case $1 in\nresume | term) [ -e "$file.$1" ] || { >"$file.$1"; kill -KILL $$; } ;;\nesac\n&/'
	run -0 chaos-fault pause a --all-down --for 50ms
	back a
	[ -e a.pid.resume ]
	session --bring-up http
	wait_for 20 saw session_start
	hang_up
	ended
	assert_equal "$RC" 0
	[ -e b.pid.term ]
	assert_equal "$(field b state)" down
	own
}

@test "a guard that comes to an undo that its owner has ended meanwhile leaves the node as it is" {
	# shellcheck disable=SC2016 # the program's
	own 's/^ready) /&[ ! -e "$file.slow" ] || sleep 0.6; /'
	session --bring-up http --all-down
	touch b.pid.slow
	say "pause b for 20ms"
	wait_for 10 saw fault_injected
	hang_up
	ended
	assert_equal "$RC" 0
	wait_for 20 eval '! pgrep -f "chaos-fault guard $SESSION "'
	assert_equal "$(field b state)" down
}

@test "a kind whose nodes heal themselves: one that does not is started, however slow its looks: exit 1" {
	own 's/"name": "pidfile"/"ends": "target", &/; s/^look)/look) sleep 0.3;/'
	chaos-fault up a 2>/dev/null
	sed -i 's/    kind: own/    ready_within: 4s\n&/' config.yaml # so long it may take to heal, and then to start
	run -1 chaos-fault kill a --all-down
	assert_line_says "$output" chaos-fault: a "not healed" kill undone
	back a
	run -2 chaos-fault kill a --all-down --for 5s
	assert_output --partial "takes no 'for'"
	back a
}

@test "a daemon that writes its file itself; a pid that is another's by now is not touched" {
	cat >d.sh <<-'EOF'
		[ -n "${1:-}" ] || { setsid sh "$0" run </dev/null >/dev/null 2>&1 & exit; }
		echo $$ >a.pid
		exec chaos-node --port "$PORT" --name a
	EOF
	sed -i "s/^cd.*//; 1i PORT=${HTTP_PORTS[0]}; PATH=$PATH; cd '$SCRATCH' || exit" d.sh
	cat >config.yaml <<-EOF
		nodes:
		  a: {url: "http://127.0.0.1:${HTTP_PORTS[0]}", kind: pidfile,
		      with: {pidfile: $SCRATCH/a.pid, run: sh $SCRATCH/d.sh, daemon: true}}
	EOF
	run -0 chaos-fault up
	local first
	first=$(<a.pid)
	run -0 chaos-fault kill a --for 200ms --all-down
	[ "$(<a.pid)" != "$first" ]
	gone "$first"
	run -0 chaos-fault pause a --for 200ms --all-down
	run -0 chaos-fault down
	bg sleep 60
	echo "$BG_PID" >a.pid
	touch -d '1 hour ago' a.pid
	is a down
	run -2 chaos-fault kill a --all-down
	alive "$BG_PID"
}

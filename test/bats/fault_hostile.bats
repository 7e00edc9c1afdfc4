# chaos-fault: what an attacker or an accident has put into its state folder.
load helper
load fault_helper

setup() {
	scratch
	cluster
	STATE=$XDG_STATE_HOME/chaos
}

teardown() {
	end_cluster
}

# left_over: the kill of b, whose owner and guard are dead; its entry is $ENTRY.
left_over() {
	chaos-fault up a b
	bg chaos-fault kill b
	wait_for 5 grep -q 'Ctrl-C puts it back' "$BG_ERR"
	ENTRY=$STATE/faults/f1.json
	local guard
	guard=$(head -n 1 "$ENTRY" | jq .guard.pid)
	killed "$guard" "$BG_PID"
}

# rewrite FILTER: of the entry's first line.
rewrite() {
	{ head -n 1 "$ENTRY" | jq -c "$1"; tail -n +2 "$ENTRY"; } >entry
	cat entry >"$ENTRY"
}

@test "a FIFO, a link, a huge file, another user's entry and one with too long a name are told, not read" {
	left_over
	mv "$ENTRY" kept
	mkfifo -m 600 "$ENTRY"
	run --separate-stderr -5 timeout 5 chaos-fault ls
	[[ "$stderr" == *"f1.json' cannot be read"* ]]
	rm "$ENTRY"
	ln -s "$PWD/kept" "$ENTRY"
	run --separate-stderr -5 chaos-fault ls
	rm "$ENTRY"
	{ cat kept; head -c 2000000 /dev/zero | tr '\0' ' '; } >"$ENTRY"
	run --separate-stderr -5 chaos-fault ls
	cp kept "$ENTRY"
	chmod 666 "$ENTRY"
	run --separate-stderr -5 chaos-fault ls
	chmod 600 "$ENTRY"
	rewrite '.target.project = "p" * 256' # longer than it may be
	run --separate-stderr -5 chaos-fault ls
	[[ "$stderr" == *"f1.json' cannot be read"* ]]
	cp kept "$ENTRY"
	if [ "$(id -u)" -eq 0 ]; then
		chown nobody "$ENTRY"
		run --separate-stderr -5 chaos-fault ls
		chown root "$ENTRY"
	fi
	run --separate-stderr -0 chaos-fault ls
	is b up
}

@test "a guard is not kept by a FIFO" {
	chaos-fault up a b
	bg chaos-fault kill b
	wait_for 5 grep -q 'Ctrl-C puts it back' "$BG_ERR"
	mkfifo -m 600 "$STATE/faults/f0.json"
	kill -KILL "$BG_PID"
	wait_for 5 eval '[ ! -e "$STATE/faults/f1.json" ]'
	rm "$STATE/faults/f0.json"
	is b up
}

@test "a log that is a FIFO or a link holds up nobody, and nothing is written through it" {
	chaos-fault up a
	echo mine >victim
	for other in 'mkfifo -m 600' "ln -s $PWD/victim"; do
		rm -f "$STATE/guard.log"
		$other "$STATE/guard.log"
		run -6 timeout -s KILL 20 chaos-fault pause a --for 100ms --all-down
		assert_output --partial "no guard runs"
		assert_equal "$(cat victim)" mine
	done
	is a up
}

@test "an entry that became a FIFO or a link holds up no undo, and nothing is written through it" {
	echo mine >victim
	for other in 'mkfifo -m 600' "ln -s $PWD/victim"; do
		chaos-fault up a b
		chaos-fault pause b --for 4s --detach
		local entry=("$STATE"/faults/f*.json)
		rm "${entry[0]}"
		$other "${entry[0]}"
		wait_for 10 is b up
		wait_for 5 eval '[ ! -e "${entry[0]}" ]'
		assert_equal "$(cat victim)" mine
	done
}

@test "entries that were moved behind a link stay in sight when one of them is lost" {
	chaos-fault up a b
	chaos-fault pause a --for 60s --detach --all-down
	chaos-fault pause b --for 3s --detach --all-down
	local guards
	mapfile -t guards < <(head -qn 1 "$STATE"/faults/f[12].json | jq .guard.pid)
	mv "$STATE/faults" elsewhere
	rm elsewhere/f2.json
	ln -s "$PWD/elsewhere" "$STATE/faults"
	wait_for 10 grep -q 'written again.* is a link' "$STATE/guard.log"
	[ -L "$STATE/faults" ]
	run -2 chaos-fault ls
	assert_output --partial "/faults' is a link"
	# None of the guards makes a folder anew in between.
	local moved=0
	kill -STOP "${guards[@]}"
	{ rm "$STATE/faults" && mv -T elsewhere "$STATE/faults"; } || moved=$?
	kill -CONT "${guards[@]}"
	[ $moved -eq 0 ]
	wait_for 5 is b up
	is a paused
	chaos-fault undo f1
	is a up
}

@test "a state folder that others may write to is refused, untouched" {
	chaos-fault up a
	local folder
	for folder in "$STATE" "$STATE/faults" "$STATE/nodes"; do
		mkdir -p "$folder"
		chmod 777 "$folder"
		run --separate-stderr -2 chaos-fault ls
		assert_line_says "$stderr" chaos-fault: "'$folder'" "other users"
		chmod 700 "$folder"
	done
	if [ "$(id -u)" -eq 0 ]; then
		chown nobody "$STATE"
		run --separate-stderr -2 chaos-fault kill a --for 1s
		[[ "$stderr" == *"belongs to another user"* ]]
		chown root "$STATE"
	fi
	is a up
}

@test "a command line that neither config nor last start ran is not run" {
	left_over
	rewrite '.how.argv = ["touch", "'"$PWD"'/ran"]'
	run --separate-stderr -5 chaos-fault ls
	[ ! -e ran ]
	[[ "$stderr" == *"wants to run 'touch'"* ]]
	# The config has changed since the start, and confirms it.
	sed -i "s/--name, b/--name, b2/" config.yaml
	rewrite '.how.argv = ["chaos-node", "--port", "'"${HTTP_PORTS[1]}"'", "--name", "b2"]'
	run --separate-stderr -0 chaos-fault undo f1
	is b up
}

@test "a pid of an entry that is not the node's, which runs: nobody there is signalled" {
	variant brief # an undo is tried for a fifth as long
	left_over
	chaos-fault undo f1
	local action pid start word
	for action in kill pause; do
		# (stopped, so that a SIGCONT would be seen as well)
		bg setsid sh -c 'sleep 100 & kill -STOP $$'
		wait_for 5 eval '[ "$(cut -d " " -f 3 /proc/$BG_PID/stat)" = T ]'
		pid=$BG_PID
		read -r _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ start word <"/proc/$pid/stat"
		bg chaos-fault "$action" b
		wait_for 5 grep -q 'Ctrl-C puts it back' "$BG_ERR"
		cp "$ENTRY" kept
		kill -INT "$BG_PID"
		wait "$BG_PID" || true
		is b up
		cp kept "$ENTRY"
		rewrite ".target = {pid: $pid, start_ticks: $start} | .owner.start_ticks = 1 | .guard.start_ticks = 1"
		run --separate-stderr -5 chaos-fault ls
		assert_line_says "$stderr" journal "process $pid" not "node's" "undo --forget"
		assert_equal "$(cut -d ' ' -f 3 "/proc/$pid/stat")" T
		assert_equal "$(pgrep -c -g "$pid")" 2
		kill -KILL -- "-$pid"
		wait_for 5 gone "$pid"
		run --separate-stderr -0 chaos-fault ls
		is b up
	done
}

@test "a note that a crash has cut short does not spoil the next" {
	left_over
	printf '{"how":{"config":"' >"$(echo "$STATE"/nodes/b-*/confirmed)"
	chaos-fault undo f1
	left_over
	sed -i "s/--name, b/--name, b2/" config.yaml
	run -0 chaos-fault undo f1
	is b up
}

@test "a config that became a FIFO holds up no command, whoever runs it where" {
	left_over
	mv config.yaml kept
	mkfifo config.yaml
	rm "$STATE"/nodes/b-*/confirmed
	mkdir elsewhere
	cd elsewhere
	run --separate-stderr -5 timeout 10 chaos-fault undo f1
	assert_line_says "$stderr" neither config nor "earlier fault"
	cd ..
	mv kept config.yaml
	run -0 chaos-fault undo f1
	is b up
}

@test "an address or engine that neither config nor an earlier fault named is not connected to" {
	left_over
	cp "$ENTRY" kept
	bg answers asked 'HTTP/1.1 200 OK'
	wait_for 5 eval '[ -s "$BG_OUT" ]'
	local port forged
	port=$(<"$BG_OUT")
	for forged in ".how.url = \"http://127.0.0.1:$port\"" ".how.via = \"127.0.0.1:$port\"" \
		".kind = \"container\" | .how |= (del(.argv) + {container: \"x\"})
			| .target = {container: \"x\", started: \"\", engine: \"tcp://127.0.0.1:$port\"}"; do
		cp kept "$ENTRY"
		rewrite "$forged"
		run --separate-stderr -5 chaos-fault ls
		assert_line_says "$stderr" chaos-fault: journal wants "'chaos-fault undo --forget f1'"
	done
	[ ! -e asked ]
	cp kept "$ENTRY"
	run -0 chaos-fault undo f1
	is b up
}

@test "an entry that names files elsewhere removes and writes none" {
	left_over
	cp "$ENTRY" kept
	mkdir there
	echo mine >there/spare
	echo mine >there/f1.json
	local forged
	for forged in ".key = \"../../../../../../../../../..$PWD/there\"" ".fault = \"../../../../../../../../../..$PWD/there/f1\"" \
		'.fault = "f2"'; do
		cp kept "$ENTRY"
		rewrite "$forged"
		run --separate-stderr -5 chaos-fault ls
		[[ "$stderr" == *"/faults/f1.json' cannot be read"* ]]
		run --separate-stderr -5 chaos-fault undo --all
	done
	assert_equal "$(cat there/spare there/f1.json)" $'mine\nmine'
	cp kept "$ENTRY"
	run -0 chaos-fault undo f1
	is b up
}

@test "what undoes a limit or a full disk writes to cgroups and removes its own file alone" {
	echo mine >victim
	run -2 "$ROOT/libexec/faults/cpu-limit" revert <<<"{\"name\": \"cpu-limit\", \"state\": {\"file\": \"$PWD/victim\", \"was\": \"theirs\", \"to\": \"mine\"}}"
	assert_line_says "$output" "'$PWD/victim'" file cgroup
	local mark
	for mark in victim .chaos-fill-/../victim; do
		run -2 "$ROOT/libexec/faults/disk-fill" revert <<<"{\"process\": {\"pid\": $$}, \"params\": {\"path\": \"$PWD\"}, \"state\": {\"mark\": \"$mark\"}}"
	done
	assert_equal "$(cat victim)" mine
}

@test "an engine that is to be spoken to over TLS is refused" {
	printf 'nodes:\n  x: {url: "http://127.0.0.1:1", container: x}\n' >tls.yaml
	DOCKER_TLS_VERIFY=1 DOCKER_HOST=tcp://127.0.0.1 run --separate-stderr -2 chaos-fault -c tls.yaml ls
	[[ "$stderr" == *"DOCKER_TLS_VERIFY is set"* ]]
	DOCKER_TLS=1 DOCKER_HOST=tcp://127.0.0.1 run --separate-stderr -2 chaos-fault -c tls.yaml ls
	[[ "$stderr" == *"DOCKER_TLS is set"* ]]
}

# short HOW COMMAND…: opening a descriptor fails as if there were none; HOW: strace's options.
short() {
	strace -o /dev/null "${@:1:$#-1}" chaos-fault ${!#} 3>&-
}

@test "no descriptor at some moment is no reboot, no undo and no silence of the node" {
	strace -o /dev/null true || skip "strace cannot trace here"
	left_over
	cp "$ENTRY" kept
	run -6 short -P /proc/sys/kernel/random/boot_id -e inject=openat:error=EMFILE 'undo f1'
	refute_output --partial boot,
	local n
	for n in 1 2 3 4 5 6 7 8; do
		run short -P "$ENTRY" -e "inject=openat:error=EMFILE:when=$n+" 'undo f1'
		[ $status -ne 0 ] || is b up
		[ -e "$ENTRY" ] || is b up
		[ -e "$ENTRY" ] || break
	done
	[ $n -gt 3 ]
	chaos-fault undo --all
	is b up
	# The first socket asks before the injection, the next ones look at its effect.
	run -3 short -e inject=socket:error=EMFILE:when=2..40 'pause a --for 5s'
	assert_line_says "$output" asked "GET /health:" "Too many open files"
	refute_line --partial "does not answer"
	refute_line --partial "other than chaos-fault"
	is a up
}

@test "too few descriptors: said in one line, exit 6, and nothing is called damaged or touched" {
	left_over
	cp "$ENTRY" kept
	local limit command
	for limit in 4 6 12 25; do
		for command in ls doctor 'undo f1' 'kill a --for 1s'; do
			# shellcheck disable=SC2086 # words
			run --separate-stderr -6 bash -c "ulimit -n $limit; exec chaos-fault $command" 3>&-
			assert_equal "$output" ""
			assert_equal "${#stderr_lines[@]}" 1
			assert_says "$stderr" chaos-fault: "26 free descriptors" needed "'ulimit -n'"
		done
	done
	cmp "$ENTRY" kept
	run -0 chaos-fault undo f1
	is b up
}

@test "a record that is damaged: unknown, and nothing is done to the node; an undo knows it from its fault" {
	chaos-fault up
	local record command garbage pid words
	record=$(echo "$STATE"/nodes/a-*/process.json)
	pid=$(field a pid)
	for garbage in '' '{"format":"chaos-node-state/1"}' 'no JSON'; do
		printf %s "$garbage" >"$record"
		for command in 'ls a' 'up a' 'kill a --for 1s'; do
			read -ra words <<<"$command"
			run -6 chaos-fault "${words[@]}"
			assert_line --partial "'$record' is damaged"
			refute_output --partial "foreign"
		done
	done
	rm "$record"
	run -0 chaos-fault down a
	refute_output --partial "port"
	wait_for 5 gone "$pid"
	chaos-fault up a
	bg chaos-fault kill a --for 3s
	wait_for 5 grep -q "held for" "$BG_ERR"
	echo "no JSON" >"$record"
	wait "$BG_PID"
	is a up
}

@test "a node whose record cannot be opened is unknown, not down: nothing starts it again" {
	strace -o /dev/null true || skip "strace cannot trace here"
	chaos-fault up a
	local record error command
	record=$(echo "$STATE"/nodes/a-*/process.json)
	for error in EMFILE EACCES; do
		for command in ls 'up a' 'kill a --for 1s'; do
			run -6 short -P "$record" -e inject=openat:error=$error "$command"
			assert_line --partial "cannot open '$record': "
			refute_output --partial "not running"
		done
	done
	mv "$record" kept
	mkfifo -m 600 "$record"
	run -6 --separate-stderr chaos-fault ls a
	assert_line --partial " unknown "
	[[ "$stderr" == *"'$record' is no regular file" ]]
	mv kept "$record"
	is a up
}

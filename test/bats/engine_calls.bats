# chaos-fault and the engine that it asks, of whatever kind: where that is, which container a node means, and
# one that answers late: what was asked of it and has not been answered may be done behind our back, and must
# not be taken for what did not happen. For that the build is one whose bounds are short: what takes effect is
# seen within 1 s, and an engine answers within 6 s. A busy engine may need longer than that for a kill: what waits
# for no bound takes the usual build.
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
	two_nodes
}

teardown() {
	end_bg
	unbox_all
}

fault() { $IN chaos-fault "$@"; }
usual_bounds() { export PATH=$ROOT/build/bin:$PATH; }

# stays STATE MS: nothing is left over, also when the engine has done all that it was asked for.
stays() {
	local until=$((${EPOCHREALTIME/./} + $2 * 1000))
	while [ "${EPOCHREALTIME/./}" -lt $until ]; do
		assert_equal "$(state c-a) $(active)" "$1 0"
	done
}

@test "an engine that pauses late: the pause is awaited and undone" {
	slow pause 3000
	run -3 fault pause a --for 1s
	assert_line --regexp "is undone: .*within 1s: .*engine .*not answered"
	stays running 1200
}

@test "an engine that kills late: the kill is awaited and undone" {
	slow kill 3000
	run -3 fault kill a --for 1s
	assert_output --partial "a is back up"
	stays running 1200
}

@test "an engine that starts late: what a session could not bring up is down after it" {
	fault down a
	sed -i 's/container: c-a/&, ready_within: 500ms/' config.yaml
	slow start 2500
	run -6 --separate-stderr fault --control --bring-up http </dev/null
	stays exited 1200
}

@test "a server that drains longer than a kill is waited for: its end does not come after the undo" {
	unbox c-a
	box c-a "${PORTS[0]}" '{"Cmd": ["drainnode", "'"${PORTS[0]}"'", "3000"]}'
	wait_for 10 up "${PORTS[0]}"
	run -3 fault kill a --signal TERM --for 1s
	assert_line --regexp "no effect .*undone: .*within 1s"
	assert_output --partial "a is back up"
	stays running 1200
}

@test "an engine that is gone before it answers: exit 5 with what to do, and put back when it is there again" {
	sed -i 's/container: c-a/&, ready_within: 1s/' config.yaml
	slow pause 60000
	bg $IN chaos-fault pause a --for 1s
	wait_for 10 test -e "$SCRATCH/slow.sock.asked"
	kill "${BG_PIDS[0]}"
	rm "$SCRATCH/slow.sock"
	RC=0
	wait "$BG_PID" || RC=$?
	assert_equal "$RC" 5
	run -0 cat "$BG_ERR"
	assert_line --regexp "the pause of 'a' .*not .*put back: .*within 7s: .*engine at"
	assert_line --regexp "; by hand: chaos-fault undo f1$"
	assert_equal "$(active)" 1
	# What the engine has done meanwhile.
	engine POST "/containers/c-a/pause"
	ln -s "$ENGINE_SOCK" "$SCRATCH/slow.sock"
	wait_for 10 none_active
	assert_equal "$(state c-a)" running
}

@test "a service that was scaled up under a fault: what its engine still has is not called removed, nor replaced by none" {
	[[ $ENGINE_IS == *"real one" ]] || cannot "a double's containers have no namespace of their own"
	$IN nft list ruleset >/dev/null 2>&1 || cannot "nft does not work here"
	local web='{"Labels": {"com.docker.compose.service": "web", "com.docker.compose.project": "one"}}'
	bg $IN chaos-fault refuse b --for 60s
	wait_for 20 grep -q "in .* ms" "$BG_ERR"
	box c-c "$(freeports 1)" "$web"
	engine POST "/containers/$B/pause" # so that it does not answer
	kill -TERM "$BG_PID"
	RC=0
	wait "$BG_PID" || RC=$?
	run -0 cat "$BG_ERR"
	assert_line --regexp "the refuse of 'b' .*not .*put back: .*within .*; by hand: chaos-fault undo f1"
	refute_output --partial "removed"
	assert_equal "$RC $(active)" "5 1"
	box c-d "$(freeports 1)" "$web"
	unbox "$B"
	run -5 fault undo --all
	assert_line --regexp "container ${B:0:12} .*removed,.* which of the others .*; by hand: docker compose -p one up -d web; or "
	unbox c-c
	unbox c-d
	box c-b "${PORTS[1]}" "$web"
	wait_for 10 up "${PORTS[1]}"
	run -0 fault undo --all
	assert_equal "$(active)" 0
}

@test "which container: nearest name, service, project; none is guessed" {
	usual_bounds
	cat >other.yaml <<-END
		nodes:
		  x: {url: "http://127.0.0.1:1", container: c-aa}
		  y: {url: "http://127.0.0.1:2", compose: wep}
		  z: {url: "http://127.0.0.1:3", compose: web, project: two}
	END
	run -2 fault -c other.yaml kill x
	assert_line --regexp "no container 'c-aa'; .*'c-a'[?]"
	run -2 fault -c other.yaml kill y
	assert_line --regexp "no container .*compose service 'wep'; .*'web'[?]"
	run -2 fault -c other.yaml kill z
	assert_line --regexp "project 'two'; 'docker compose -p two up -d web'"
	# One that is another node of the config is not meant; a name may be right, and its container gone.
	sed 's/container: c-a/container: c-c/' config.yaml >gone.yaml
	echo "  c: {url: 'http://127.0.0.1:3', container: c-a}" >>gone.yaml
	run -2 fault -c gone.yaml kill a
	refute_output --partial "did you mean"
	cat >right.yaml <<-END
		nodes:
		  x: {url: "http://127.0.0.1:1", container: web-2}
		  y: {url: "http://127.0.0.1:2", compose: web, project: tow}
	END
	box web-1 "$(freeports 1)"
	box wob "$(freeports 1)" '{"Labels": {"com.docker.compose.service": "wob", "com.docker.compose.project": "tow"}}'
	for node in x y; do
		run -2 fault -c right.yaml kill $node
		assert_output --partial "has no container "
		refute_output --partial "did you mean"
	done
	unbox web-1
	unbox wob
	# Of two projects, the one of the config's folder.
	local two
	two=$(jq -cn --arg dir "$SCRATCH/two" '{Labels: {"com.docker.compose.service": "web",
		"com.docker.compose.project": "two", "com.docker.compose.project.working_dir": $dir}}')
	box c-c "$(freeports 1)" "$two"
	mkdir two
	run -2 fault kill b
	assert_line --regexp "'web' .*projects '(one|two)' and '(one|two)',.* config's folder.*; 'project:' "
	cp config.yaml two/
	run fault -c two/config.yaml --dry-run kill b
	assert_output --partial "container ${BOX_ID:0:12}"
	# One that the project of the config's folder has not now is not that of another project.
	sed -i 's/compose: web/compose: cache/' two/config.yaml
	box c-d "$(freeports 1)" '{"Labels": {"com.docker.compose.service": "cache", "com.docker.compose.project": "one"}}'
	run -2 fault -c two/config.yaml down b
	assert_line --regexp "'cache' .*no container .*project of the config's folder.* 'one'; 'docker"
	assert_equal "$(state c-d)" running
	unbox c-d
	box task "$(freeports 1)" '{"Labels": {"com.docker.swarm.service.name": "blog"}}'
	echo "  t: {url: 'http://127.0.0.1:4', container: task}" >>two/config.yaml
	run -2 fault -c two/config.yaml kill t
	assert_line --regexp "'t': .*task .*Swarm service 'blog'"
	unbox task
	sed -i 's/compose: web/&, project: one/' config.yaml
	run -0 fault kill b --for 100ms
	assert_output --partial "container ${B:0:12}"
	# A one-off run of a service is not the service.
	unbox c-c
	box c-c "$(freeports 1)" '{"Labels": {"com.docker.compose.service": "web", "com.docker.compose.project": "one",
		"com.docker.compose.oneoff": "True"}}'
	run -0 fault pause b --for 100ms
}

@test "a compose project's long name is kept whole; what is longer than can be kept is refused, not cut" {
	usual_bounds
	local project started
	of_project() {
		unbox "$B"
		box c-b "${PORTS[1]}" "$(jq -cn --arg project "$1" '{Labels: {"com.docker.compose.service": "web",
			"com.docker.compose.project": $project}}')"
		wait_for 10 up "${PORTS[1]}"
	}
	project=$(printf '%0255d' 0)
	of_project "$project"
	B=$BOX_ID
	bg $IN chaos-fault kill b --for 60s
	wait_for 20 grep -q "in .* ms" "$BG_ERR"
	of_project "$project"
	started=$(engine GET "/containers/$BOX_ID/json" | jq -r .State.StartedAt)
	kill -INT "$BG_PID"
	RC=0
	wait "$BG_PID" || RC=$?
	assert_equal "$RC $(active)" "130 0"
	run -0 cat "$BG_ERR"
	assert_line_says "$output" "container ${B:0:12}" replaced "${BOX_ID:0:12}"
	assert_equal "$(engine GET "/containers/$BOX_ID/json" | jq -r .State.StartedAt)" "$started"
	B=$BOX_ID
	of_project "0$project"
	run -6 fault kill b --for 60s
	assert_line_says "$output" project longer "255 bytes"
	assert_equal "$(state c-b) $(active)" "running 0"
	DOCKER_HOST=unix:///$project run -2 fault kill a
	assert_line_says "$output" "DOCKER_HOST:" engine address longer "159 bytes"
	sed -i "s|container: c-a|&, engine: 'unix:///$project'|" config.yaml
	run -2 fault kill a
	assert_line_says "$output" address longer "159 bytes"
}

@test "no engine: exit 6, one line that says which socket; one that is not here: exit 2" {
	export DOCKER_HOST=unix:///nowhere/engine.sock
	for words in "kill a" "up" "ls"; do
		# shellcheck disable=SC2086 # two words
		run -6 --separate-stderr fault $words
		assert_says "$stderr" chaos-fault: engine "'unix:///nowhere/engine.sock'" reached "No such file or directory" DOCKER_HOST
	done
	DOCKER_HOST=tcp://192.0.2.1:2375 run -2 fault kill a
	assert_line_says "$output" chaos-fault: "tcp://192.0.2.1:2375" machine
	DOCKER_HOST=ssh://host run -2 fault kill a
	assert_line_says "$output" chaos-fault: "ssh://host"
	assert_equal "$(active)" 0
}

@test "the engine is found: config, context, Podman's socket of the user" {
	usual_bounds
	local at=$DOCKER_HOST
	unset DOCKER_HOST
	export HOME=$SCRATCH XDG_RUNTIME_DIR=$SCRATCH/run
	mkdir -p .docker/contexts/meta/0123 run/podman
	echo '{"currentContext": "mine"}' >.docker/config.json
	jq -n --arg at "$at" '{Name: "mine", Endpoints: {docker: {Host: $at}}}' >.docker/contexts/meta/0123/meta.json
	run -0 fault kill a --for 50ms
	DOCKER_CONTEXT=other run -2 fault kill a
	assert_output --partial "docker's context 'other' is not known"
	DOCKER_HOST=unix:///nowhere run -6 fault kill a
	rm -r .docker
	if [ ! -e /var/run/docker.sock ]; then
		ln -s "${at#unix://}" run/podman/podman.sock
		run -0 fault kill a --for 50ms
	fi
	export XDG_RUNTIME_DIR=$SCRATCH
	sed -i "s|container: c-a|&, engine: '$at'|" config.yaml
	run -0 fault kill a --for 50ms --all-down
}

@test "protect, patterns, --stay-down and --detach" {
	usual_bounds
	cat >>config.yaml <<-END
		faults: {protect: [b]}
	END
	run -2 fault kill '*' --all-down
	assert_output --partial "'b' is protected"
	run -0 fault kill 'a*' --stay-down
	assert_equal "$(state c-a) $(active)" "exited 0"
	run -0 fault up a
	run -0 fault pause a --detach --for 60s
	assert_equal "$(state c-a) $(active)" "paused 1"
	run -0 fault undo --all
	assert_equal "$(state c-a) $(active)" "running 0"
	run -0 fault --json pause a --detach --for 3s
	assert_output --partial '"fault_verified"'
	refute_output --partial '"reverted"'
	wait_for 20 in_state c-a running
	wait_for 20 none_active
}

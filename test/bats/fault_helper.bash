# For the tests of chaos-fault: a cluster on ports of its own, and ways to look at it.

# cluster [http|redis|both]: writes config.yaml with nodes a, b, c (HTTP) and p, r (Redis
# primary and replica); HTTP_PORTS and REDIS_PORTS say where.
cluster() {
	free_ports 5
	HTTP_PORTS=("${PORTS[@]:0:3}") REDIS_PORTS=("${PORTS[@]:3:2}")
	: >config.yaml
	echo "nodes:" >>config.yaml
	local i names=(a b c) url
	if [ "${1:-http}" != redis ]; then
		for i in 0 1 2; do
			url=http://127.0.0.1:${HTTP_PORTS[i]}
			echo "  ${names[i]}: {url: '$url', process: [chaos-node, --port, '${HTTP_PORTS[i]}', --name, ${names[i]}]}"
		done >>config.yaml
	fi
	[ "${1:-http}" != http ] || return 0
	cat >>config.yaml <<-EOF
		  p:
		    url: redis://127.0.0.1:${REDIS_PORTS[0]}
		    process: [redis-server, --port, "${REDIS_PORTS[0]}", --bind, 127.0.0.1, --save, "",
		              --repl-diskless-sync-delay, "0"]
		  r:
		    url: redis://127.0.0.1:${REDIS_PORTS[1]}
		    process: [redis-server, --port, "${REDIS_PORTS[1]}", --bind, 127.0.0.1, --save, "",
		              --replicaof, "127.0.0.1 ${REDIS_PORTS[0]}"]
		    ready: replica
	EOF
}

# alive PID: unlike "! gone", it fails a test.
alive() { [ -e "/proc/$1" ]; }

# field NODE KEY: of chaos-fault ls --json.
field() {
	local line
	line=$(chaos-fault ls --json "$1")
	case $2 in
	*.*) jq -r ".$2" <<<"$line" ;;
	*) [[ $line =~ \"$2\":\"?([^\",}]*) ]] && echo "${BASH_REMATCH[1]}" ;;
	esac
}
# is NODE STATE, for wait_for.
is() { [[ $(chaos-fault ls --json "$1") == *"\"state\":\"$2\""* ]]; }
# world: name, state and readiness of every node, and whether a fault is on it.
world() { chaos-fault ls --json | jq -c '[.node, .state, .ready, .fault != null]'; }
# pids: of the nodes that run.
pids() { chaos-fault ls --json | sed -n 's/^{[^{}]*"pid":\([0-9]*\).*/\1/p'; }
# active: how many faults are written down.
active() {
	local file n=0
	for file in "$XDG_STATE_HOME"/chaos/faults/{,.}*; do
		[ ! -f "$file" ] || [ -L "$file" ] || n=$((n + 1))
	done
	echo $n
}
none_active() { [ "$(active)" -eq 0 ]; }
# guard: the pid of the guard of the one fault that is written down.
guard() { head -n 1 "$XDG_STATE_HOME"/chaos/faults/f*.json | jq .guard.pid; }
# saw EVENT [JQ]: the session's events have such a line. It is polled, and jq takes long to start: what
# .KEY == VALUE and the like alone say is looked for here.
saw() {
	local line wanted rest=${2:-} values=("\"event\":\"$1\"")
	while [[ $rest =~ ^\.([a-z_]+)\ ==\ (\"[^\"\\]*\"|[0-9]+)(\ and\ (.*))?$ ]]; do
		values+=("\"${BASH_REMATCH[1]}\":${BASH_REMATCH[2]}") rest=${BASH_REMATCH[4]:-}
	done
	if [ -n "$rest" ]; then
		grep -q "${values[0]}" "$EVENTS" && jq -se --arg e "$1" "any(.[]; .event == \$e and ($2))" "$EVENTS"
		return
	fi
	while IFS= read -r line; do
		for wanted in "${values[@]}"; do
			[[ $line == *"$wanted"[,\}]* ]] || continue 2
		done
		return 0
	done <"$EVENTS"
	return 1
}

# session OPTION…: a control session in the background; say LINE… speaks to it, hang_up ends
# its input; its events are in $EVENTS.
session() {
	rm -f control
	mkfifo control
	bg_session "$@"
	exec 7>control
	wait_for 20 saw session_start
}
bg_session() {
	local n=${#BG_PIDS[@]}
	EVENTS=$SCRATCH/events.$n SESSION_ERR=$SCRATCH/session.$n.err
	# shellcheck disable=SC2086 # IN is words, if there is an engine
	${IN:-} chaos-fault --control "$@" >"$EVENTS" 2>"$SESSION_ERR" <control 3>&- &
	SESSION=$!
	BG_PIDS+=("$SESSION")
}
# errors_say N: "errors" has N lines, a number and a message; on stdin for each NUMBER|PIECE|PIECE…, as assert_says.
errors_say() {
	local pieces n=0
	while IFS='|' read -ra pieces; do
		assert_says "$(grep "^${pieces[0]} " errors)" "${pieces[@]}"
		n=$((n + 1))
	done
	assert_equal "$n $(wc -l <errors)" "$1 $1"
}
say() { printf '%s\n' "$@" >&7; }
hang_up() { exec 7>&-; }
# ended: waits for the session; its exit code is in RC.
# shellcheck disable=SC2034 # RC is for the tests
ended() {
	RC=0
	wait "$SESSION" || RC=$?
}

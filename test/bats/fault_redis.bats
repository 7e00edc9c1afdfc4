# Faults of Redis nodes by their own commands, each seen at the server with redis-cli: it is there, it
# bites, and it is put back.
load helper
load fault_helper

setup() {
	scratch
	cluster redis
	chaos-fault up 2>/dev/null
	P=${REDIS_PORTS[0]} R=${REDIS_PORTS[1]}
}

teardown() {
	hang_up
	end_cluster
}

ask() { timeout 5 redis-cli -p "$@" 2>&1; }
is_now() { [ "$(ask "${@:2}" | tail -n 1)" = "$1" ]; }
linked() { ask "$R" info replication | grep -q '^master_link_status:up'; }
# every setting and role, as of redis-cli.
settings() {
	ask "$1" config get '*' | paste - - | sort
	ask "$1" info replication | grep -E '^(role|master_host|master_port):' || true
}
as_before() { [ "$(active)" -eq 0 ] && diff <(settings "$P") p.before && diff <(settings "$R") r.before; }
# held WORD…: a fault that is held in the background, seen to be there.
held() {
	bg chaos-fault "$@"
	wait_for 30 grep -q 'verify: yes' "$BG_ERR"
}
let_go() {
	kill -INT "$BG_PID"
	wait_for 30 as_before
}

@test "maxmemory, read-only, a replica cut off: they bite, and what was set before is set again" {
	ask "$P" config set maxmemory 900mb
	ask "$P" config set maxmemory-policy allkeys-lru
	ask "$P" set key value
	settings "$P" >p.before
	settings "$R" >r.before

	held redis-maxmemory p share=50%
	run ask "$P" set other value
	assert_output --partial "OOM command not allowed"
	is_now value "$P" get key
	let_go
	is_now OK "$P" set other value

	held redis-readonly p
	run ask "$P" set other value
	assert_output --partial "READONLY"
	is_now value "$P" get key
	let_go
	is_now OK "$P" set other value

	wait_for 20 is_now value "$R" get other # it is a replica's copy
	held redis-cutoff r
	is_now OK "$P" set other late
	is_now value "$R" get other
	run ! linked
	# Its holder and its guard are killed: the next chaos-fault puts it back.
	killed "$(guard)" "$BG_PID"
	run -0 chaos-fault ls
	as_before
	wait_for 30 is_now late "$R" get other
	linked
}

@test "a pause of writes is lifted; one of all commands ends by itself, and is never longer than the fault" {
	settings "$P" >p.before
	settings "$R" >r.before
	held redis-pause p
	run -124 timeout 0.3 redis-cli -p "$P" incr n
	is_now PONG "$P" ping
	let_go
	is_now 1 "$P" incr n
	run -0 chaos-fault redis-pause p what=all at_most=3000500us --for 3s
	assert_output --partial "verify: yes"
	as_before
	is_now PONG "$P" ping
	run -3 chaos-fault redis-pause p what=all at_most=1s --for 2s
	assert_output --partial "longer than at_most=1000ms"
	is_now PONG "$P" ping
}

# spent: microseconds in scripts so far.
spent() { ask "$P" info commandstats | sed -n 's/^cmdstat_eval:.*usec=\([0-9]*\),.*/\1/p'; }
# mostly_busy: for more than half of a second; who asks for the scripts is late now and then where others are at work.
mostly_busy() {
	local since=${EPOCHREALTIME/./} from to
	from=$(spent)
	sleep 1
	to=$(spent)
	[ $((2 * (to - from))) -gt $((${EPOCHREALTIME/./} - since)) ]
}

# turn: microseconds that a script took, of ten or more.
turn() { ask "$P" info commandstats | sed -n 's/^cmdstat_eval:calls=[0-9][0-9].*usec_per_call=\([0-9]*\).*/\1/p'; }

@test "a script keeps it busy for a share of the time, and is gone with who held it" {
	settings "$P" >p.before
	settings "$R" >r.before
	held redis-busy p share=70% every=50ms
	ask "$P" client list | grep -q ' name=chaos-'
	wait_for 30 mostly_busy
	let_go
	wait_for 5 no_client # Redis sees the end of a connection in its turn
	# A part of a millisecond is a turn, too: a thousand looks at the time, not none.
	held redis-busy p share=5% every=10ms
	ask "$P" config resetstat
	wait_for 30 eval '[ -n "$(turn)" ]'
	[ "$(turn)" -gt 150 ]
	let_go
	wait_for 5 no_client
}
no_client() {
	ask "$P" client list >clients
	grep -q ' name=' clients && ! grep -q ' name=chaos-' clients
}

@test "a failover ends by healing: the primary is a replica of its replica" {
	wait_for 20 linked
	# One that was never told to hand over is put back as it is.
	jq -n --arg url "redis://127.0.0.1:$P" '{node: {name: "p", url: $url}, state: {means: "plain"}}' |
		"$ROOT/libexec/faults/redis-failover" verify-reverted
	run -0 --separate-stderr chaos-fault redis-failover p --json
	jq -se 'map(select(.event == "reverted"))[0].healed_s > 0' <<<"$output"
	assert_equal "$(active)" 0
	assert_equal "$(ask "$P" role | head -n 1) $(ask "$R" role | head -n 1)" "slave master"
	run -2 chaos-fault redis-failover p
	assert_output --partial "'p' is a replica"
	# a server that is no sentinel; nobody; no address
	run -2 chaos-fault redis-failover r "sentinel=127.0.0.1:$P"
	assert_output --partial "unknown command"
	free_ports 1
	run -2 chaos-fault redis-failover r "sentinel=127.0.0.1:${PORTS[0]}"
	assert_output --partial "refused"
	run -2 chaos-fault redis-failover r sentinel=127.0.0.1
	assert_output --partial HOST:PORT
}

watches() { ask "$1" sentinel masters | grep -q "$(ask "${@:2}" info server | sed -n 's/^run_id:\([0-9a-f]*\).*/\1/p')"; }

@test "a sentinel fails over the node itself, not another primary on the same port" {
	free_ports 1
	bg redis-server --port "$P" --bind 127.0.0.2 --save ""
	printf '%s\n' "port ${PORTS[0]}" 'bind 127.0.0.1' "sentinel monitor other 127.0.0.2 $P 1" >sentinel.conf
	bg redis-sentinel sentinel.conf
	wait_for 20 watches "${PORTS[0]}" "$P" -h 127.0.0.2
	run -2 chaos-fault redis-failover p "sentinel=127.0.0.1:${PORTS[0]}"
	assert_line_says "$output" watches "no primary" "run id" "'p'"
	ask "${PORTS[0]}" sentinel monitor mine 127.0.0.1 "$P" 1
	wait_for 20 watches "${PORTS[0]}" "$P"
	run -0 chaos-fault redis-failover p "sentinel=127.0.0.1:${PORTS[0]}" --dry-run
	assert_output --partial "FAILOVER (sentinel) mine"
}

@test "what cannot be is refused before anything is touched; a password stays out of sight" {
	settings "$P" >p.before
	settings "$R" >r.before
	run -2 chaos-fault redis-cutoff p
	assert_output --partial "'p' is not a replica"
	run -0 chaos-scenario --check --config "$ROOT/config.yaml" --scenario "$ROOT/scenarios/redis-pause.yaml" --mode redis
	assert_line --regexp '^ +15s +redis-pause redis-node-1 what=writes for 5s$'
	run -2 chaos-fault redis-readonly r
	assert_output --partial "'r' is a replica"
	ask "$P" acl setuser default -eval
	run -2 chaos-fault redis-busy p --for 50ms
	assert_output --partial "NOPERM"
	ask "$P" acl setuser default +eval
	as_before
	ask "$P" config set requirepass 'se cret'
	sed -i "s|redis://127.0.0.1:$P|redis://:se%20cret@127.0.0.1:$P|" config.yaml
	held redis-readonly p # without a deadline, after which its guard may undo it
	kill -INT "$BG_PID"
	wait "$BG_PID" || [ $? -eq 130 ]
	run -0 cat "$BG_OUT" "$BG_ERR"
	refute_output --partial cret
	assert_output --partial "undone"
}

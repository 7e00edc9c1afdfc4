# What there is to break nodes with, what it takes, and what a program is told of its node.
load helper
load fault_helper

setup() {
	scratch
	cluster
	mkdir -p own/faults
	export CHAOS_PATH=$SCRATCH/own TMPDIR=$SCRATCH
}

teardown() {
	end_bg
	end_cluster
}

# program NAME DESCRIBE: a fault that writes down what it is told.
program() {
	cat >"own/faults/$1" <<-END
		#!/bin/sh
		case \$1 in
		describe) echo '{"past": "tried", "effect": "degraded"$2}' ;;
		plan) cat >$SCRATCH/$1.plan && echo '{}' ;;
		revert) cat >$SCRATCH/$1.revert ;;
		esac
	END
	chmod +x "own/faults/$1"
}

@test "a program is told the node, its process, its network namespace and cgroup, and its proxy" {
	free_ports 1
	local via=127.0.0.1:${PORTS[0]}
	sed -i "0,/  a: {/s//  a: {via: '$via', /" config.yaml
	program look ', "params": {"by": {"type": "span", "unit": "ms", "default": "1.5s"}}'
	chaos-fault up a 2>/dev/null
	run -0 chaos-fault look a --for 10ms
	local pid
	pid=$(field a pid)
	jq -e --argjson pid "$pid" --arg port "${HTTP_PORTS[0]}" --arg via "$via" '
		.node.kind == "process" and .node.mode == "http" and (.node.port | tostring) == $port and
		.node.via == $via and (.node.proxy | test("/chaos-proxy-[0-9a-f]*/cwd$")) and .identity.pid == $pid and .process.pid == $pid and
		.process.netns == "/proc/\($pid)/ns/net" and (.process.cgroup | length) > 0 and
		.process.start_ticks == .identity.start_ticks' look.plan
	grep -q '"by":1500[,}]' look.plan # a whole number, which a shell can compare
	# The guard's undo is told the same.
	jq -e --arg via "$via" '.node.via == $via and .process.pid == '"$pid" look.revert
	local cgroup
	while IFS=: read -r _ name cgroup; do
		jq -e --arg name "${name:-unified}" --arg path "$cgroup" \
			'.process.cgroup[$name | split(",")[0]] == $path' look.plan
	done <"/proc/$pid/cgroup"
	chaos-fault down 2>/dev/null
	sed -i "s/via: '$via'/via: '19001'/" config.yaml
	run -2 chaos-fault look a --for 10ms
	assert_output --regexp "config.yaml:2:[0-9]+: '19001' is not the address of a proxy: HOST:PORT"
	sed -i "s/via: '19001', //" config.yaml
}

@test "a node that a fault is not for is refused in one line, before anything is touched" {
	local word
	chaos-fault up a 2>/dev/null
	for word in '"container"' '"redis"' '"container", "http"' '"process", "redis"' '"remote"'; do
		program odd ", \"kinds\": [$word]"
		run -2 chaos-fault odd a --for 10ms
		assert_line_says "$output" chaos-fault: odd not "'a' (process, http)" "${word//\"/}"
		run -2 chaos-fault --control --check <<<"odd a for 10ms"
		[ ! -e odd.plan ]
	done
	for word in '"process"' '"http"' '"redis", "http"' '"process", "container", "http"'; do
		program odd ", \"kinds\": [$word]"
		run -0 chaos-fault odd a --for 10ms
	done
	# A node that is a URL alone is for faults that say so.
	echo "  far: {url: 'http://127.0.0.1:${REDIS_PORTS[0]}'}" >>config.yaml
	run -2 chaos-fault odd far --for 10ms
	assert_output --partial "'far'"
	[ "$(active)" = 0 ]
}

@test "a size is checked before anything is touched, by --check too, and reaches the program as written" {
	program take ', "params": {"size": {"type": "size", "unit": "bytes", "max": 2147483648}}'
	local bad good
	for bad in huge 1Q 32MB .5M 1.M -1 M 1e3 3G 2097153K 2049M 1T; do
		run -2 chaos-fault take a "size=$bad"
		assert_says "$output" chaos-fault: take: "size=$bad:" bytes
	done
	chaos-fault up a 2>/dev/null
	for bad in "memory-stress a size=huge" "memory-stress a size=3.9K" "memory-limit a headroom=1Q" "disk-fill a floor=much"; do
		run -2 --separate-stderr chaos-fault --control --check <<<"$bad"
		jq -e --arg of "${bad##* }" '.event == "error" and .line == 1 and (.message | contains($of))' <<<"$output"
	done
	for good in 2G 1.5g 512k 2097152K 0.001T 2147483648 0; do
		run -0 chaos-fault take a "size=$good" --for 10ms
		jq -e --arg size "$good" '.params.size == $size' take.plan
	done
}

@test "a remote node takes a fault that says so, and the guard undoes it" {
	chaos-fault up a 2>/dev/null
	cp config.yaml near.yaml
	cat >config.yaml <<<"nodes: {far: {url: 'http://127.0.0.1:${HTTP_PORTS[0]}'}}"
	program odd ', "kinds": ["remote"]'
	run -0 --separate-stderr chaos-fault odd far --for 10ms --json
	jq -se 'map(.event) | index("fault_verified") and index("reverted")' <<<"$output"
	jq -e '.node.kind == "remote" and (has("process") | not)' odd.plan
	rm odd.revert
	bg chaos-fault odd far
	wait_for 20 grep -q 'Ctrl-C puts it back' "$BG_ERR"
	killed "$BG_PID"
	wait_for 20 test -s odd.revert
	wait_for 20 eval '[ "$(active)" = 0 ]'
	run -2 chaos-fault kill far
	mv near.yaml config.yaml
}

@test "what a fault needs and is not here: exit 2, and doctor says what works instead" {
	program fast ', "needs": ["sh"]'
	program slow ', "needs": ["sh", "no-such-tool"], "instead": ["none-such", "slower", "fast", "pause"]'
	program slower ', "lacks": ["a kernel with netem"]'
	chaos-fault up a 2>/dev/null
	run -2 chaos-fault slow a --for 10ms
	assert_line_says "$output" chaos-fault: slow: needs "'no-such-tool'"
	run -2 chaos-fault slower a --for 10ms
	assert_line_says "$output" chaos-fault: lacks slower "a kernel with netem"
	run -1 chaos-fault slow a --for 10ms --dry-run
	assert_output --partial "lacks  slow: needs 'no-such-tool'"
	run -0 chaos-fault doctor
	assert_line --regexp '^slow +fault degraded +lacks no-such-tool; fast works here$'
	assert_line --regexp '^slower +fault degraded +lacks a kernel with netem$'
	run -0 chaos-fault doctor --json
	jq -e '.programs | map(select(.program == "slow"))[0] |
		.lacks == ["no-such-tool"] and .instead == "fast"' <<<"$output"
	[ ! -e slow.plan ] && [ "$(active)" = 0 ]
}

@test "chaos-fault faults: each with its effect, its nodes and its parameters" {
	export CHAOS_PATH=$ROOT/test/support
	run -0 chaos-fault faults
	assert_line --regexp '^kill +silent +undo +process, container, program$'
	assert_line --regexp '^mark +degraded +undo +all$'
	assert_line --regexp '^ +by=SPAN  1 to 10000 ms, default 100ms$'
	assert_line --regexp '^ +file=TEXT  required$'
	assert_line --regexp '^ +how=softly\|loudly  default softly$'
	# Columns are as wide as the longest name; what is done to a node is said of the node.
	assert_equal "$(grep -v '^ ' <<<"$output" | awk '{ print match($0, / (EFFECT|silent|degraded|none) /) }' | sort -u | wc -l)" 1
	assert_equal "$("$ROOT/libexec/faults/redis-pause" describe | jq -r .past)" 'paused clients of'
	run -0 chaos-fault faults --json
	jq -se 'map(select(.program == "mark"))[0] | .params.by.max == 10000 and .is == "fault" and .lacks == []' \
		<<<"$output"
	run -2 chaos-fault faults a
	assert_output --partial "faults takes no names"
}

# help_of OPTION: its words in --help.
help_of() { chaos-fault --help | awk -v o="$1" '/^ +(-., )?--/ { on = index($0, o " ") } on'; }

@test "options of all faults and of some: the help says which, and so it is" {
	program look ''
	chaos-fault up a 2>/dev/null
	local option
	for option in --for=1s --pick=one --detach; do
		run -0 help_of "${option%=*}"
		assert_output --partial fault
		refute_output --regexp '\<(kill|stop|pause)\>'
		run -0 chaos-fault look a --dry-run --for 1s "$option"
	done
	for option in --stay-down --signal=TERM; do
		run -0 help_of "${option%=*}"
		assert_output --regexp '\<kill\>'
		run -2 chaos-fault look a --dry-run "$option"
		assert_output --partial " goes with kill"
	done
}

@test "the example of chaos-fault-programs(7): from nothing to a fault in a scenario" {
	local few=$SCRATCH/own/faults/few-files pid before
	sed -n '/^#!.bin.sh/,/^\.Ed/p' "$ROOT/man/chaos-fault-programs.7" | sed '$d' >"$few"
	chmod +x "$few"
	[ "$(wc -l <"$few")" -le 30 ]
	chaos-fault up a 2>/dev/null
	pid=$(field a pid)
	before=$(prlimit --pid "$pid" --nofile --raw --noheadings)
	bg chaos-fault few-files a files=77
	wait_for 20 grep -q 'Ctrl-C puts it back' "$BG_ERR"
	prlimit --pid "$pid" --nofile --raw --noheadings | grep -q ' 77 '
	killed "$BG_PID" # its guard undoes it
	wait_for 20 eval '[ "$(active)" = 0 ]'
	assert_equal "$(prlimit --pid "$pid" --nofile --raw --noheadings)" "$before"
	run -2 chaos-fault few-files a files=2
	assert_line_says "$output" "files=2:" "3 to 100000"
	cat >scenario.yaml <<-EOF
		name: few
		phases:
		  - name: steady
		    duration: 1s
		    actions: [{type: start_load, target: a, rps: 50}]
		  - name: starved
		    duration: 1s
		    actions:
		      - {type: few-files, target: a, files: 77, for: 500ms}
	EOF
	# On a busy machine the load may have been the limit, which is no matter here.
	run chaos-scenario --scenario scenario.yaml --run-id r --mode http --unsteady
	[[ $status =~ ^[03]$ ]]
	jq -se 'map(select(.action == "few-files").event) - ["revert_requested"] ==
		["fault_requested", "fault_injected", "fault_verified", "reverted"]' runs/r/events.jsonl
	jq -se 'map(select(.event == "fault_injected").past) == ["limited"]' runs/r/events.jsonl
	jq -e '.faults[0] | .effect == "degraded" and .ends == "undo" and .past == "limited" and .node_down == false' runs/r/analysis.json
	grep -qE '^\*\*(.* )?limited a (at|for) ' runs/r/report.md || fail "$(sed -n 3p runs/r/report.md)"
	sed -i 's/files: 77/file: 77/' scenario.yaml
	run -2 chaos-scenario --scenario scenario.yaml --check
	assert_output --partial "scenario.yaml:9:9: few-files: "
	assert_line_says "$output" "parameter 'file'" "'files'?"
}

@test "disconnect: what is no answer about a container says nothing of its networks" {
	free_ports 1
	cat >engine.py <<-'END'
	import http.server, sys
	class Engine(http.server.BaseHTTPRequestHandler):
	    def do_GET(self):
	        body = open("body", "rb").read()
	        self.send_response(200); self.send_header("Content-Length", str(len(body))); self.end_headers(); self.wfile.write(body)
	    def log_message(self, *a): pass
	http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Engine).serve_forever()
	END
	: >body
	bg python3 engine.py "${PORTS[0]}"
	wait_for 10 curl -sf "http://127.0.0.1:${PORTS[0]}"
	jq -n --arg engine "tcp://127.0.0.1:${PORTS[0]}" '{node: {name: "a"}, identity: {container: "x", $engine}, state: {networks: [{id: "n1"}]}}' >question
	for text in '' '{}' null garbage; do
		printf %s "$text" >body
		for verb in plan verify verify-reverted; do
			run -1 "$ROOT/libexec/faults/disconnect" $verb <question
			assert_line_says "$output" engine nothing container
		done
	done
	echo '{"Id": "x", "NetworkSettings": {"Networks": {"n": {"NetworkID": "n1"}}}}' >body
	run -75 "$ROOT/libexec/faults/disconnect" verify <question
	run -0 "$ROOT/libexec/faults/disconnect" verify-reverted <question
}

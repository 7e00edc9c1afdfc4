# config.yaml: what is read from it, and errors that point at file, line and column.
load helper

setup() {
	scratch
}

# bad PLACE PIECE…: standard input is a config; any use of it gives one line, which says that of the place, and exit 2.
bad() {
	cat >config.yaml
	run -2 chaos-fault ls
	assert_says "$output" "chaos-fault: config.yaml:$1" "${@:2}"
}

# nodes: name, URL and kind of every node, as the config says.
nodes() { chaos-fault ls --json | jq -r '"\(.node) \(.url) \(.kind)"'; }

@test "the config.yaml of the toolkit loads, with five nodes as plain processes" {
	run -0 chaos-fault --config "$ROOT/config.yaml" ls --json
	jq -se 'map(.node) == ["service-node-1", "service-node-2", "service-node-3", "redis-node-1",
		"redis-node-2"] and all(.[]; .kind == "process")' <<<"$output"
}

@test "the user's lists alone: nodes by their place in the list, remote ones take no faults" {
	cat >config.yaml <<-'EOF'
		http_nodes: [http://localhost:18001, http://192.0.2.1:18002]
		redis_nodes: [redis://127.0.0.1:16379]
	EOF
	run -0 timeout 10 bash -c "$(declare -f nodes); nodes"
	assert_line "service-node-1 http://localhost:18001 process"
	assert_line "service-node-2 http://192.0.2.1:18002 remote"
	assert_line "redis-node-1 redis://127.0.0.1:16379 process"
}

@test "the user's lists alone are enough to bring a cluster up, with names for the services" {
	free_ports 4
	cat >config.yaml <<-EOF
		http_nodes: [http://localhost:${PORTS[0]}, http://localhost:${PORTS[1]}]
		http_services: [left, right]
		redis_nodes: [redis://localhost:${PORTS[2]}, redis://localhost:${PORTS[3]}]
	EOF
	run -0 chaos-fault up
	http_up "${PORTS[1]}"
	assert_equal "$(curl -fsS -d x "http://127.0.0.1:${PORTS[1]}/work" | jq -r .node)" right
	assert_equal "$(redis-cli -p "${PORTS[3]}" role | head -n 1)" slave
	run -0 chaos-fault kill right --for 0
	run -0 chaos-fault down
}

@test "with a table of nodes, a URL without an entry takes no faults; localhost is 127.0.0.1" {
	cat >config.yaml <<-'EOF'
		http_nodes: [http://localhost:18002, http://127.0.0.1:18001]
		nodes:
		  extra: {url: 'http://localhost:18003', process: [chaos-node]}
		  one: {url: 'http://localhost:18001', process: [chaos-node]}
	EOF
	run -0 nodes
	assert_output - <<-'EOF'
		service-node-1 http://localhost:18002 remote
		one http://localhost:18001 process
		extra http://localhost:18003 process
	EOF
}

@test "commands with a slash are looked up from the config's folder, whatever the current one" {
	free_ports 1
	mkdir -p here/bin elsewhere
	printf '#!/bin/sh\nexec chaos-node --port %s\n' "${PORTS[0]}" >here/bin/run
	chmod +x here/bin/run
	echo "nodes: {n: {url: 'http://localhost:${PORTS[0]}', process: [bin/run]}}" >here/config.yaml
	cd elsewhere
	run -0 chaos-fault --config ../here/config.yaml up n
	run -0 chaos-fault --config ../here/config.yaml down
}

@test "unknown keys: the place and the nearest known one" {
	bad 1:1: key "'http_node'" "'http_nodes'?" <<<'http_node: []'
	bad 3:5: key "'proces'" "'process'?" <<-'EOF'
		nodes:
		  a:
		    proces: [x]
		    url: http://localhost:1
	EOF
	bad 2:3: key "'error_rate_treshold'" "'error_rate_threshold'?" <<-'EOF'
		anomaly_detection:
		  error_rate_treshold: 0.1
	EOF
	bad 3:1: duplicate "'load'" "line 1" <<-'EOF'
		load: {timeout: 1}
		llm: {}
		load: {timeout: 2}
	EOF
}

@test "loads: a wrong key, value or target is said by all that read the config" {
	bad 3:7: key "'conections'" "'connections'?" <<-'EOF'
		loads:
		  shop:
		      conections: 5
	EOF
	run -2 chaos-analyze --load a=/dev/null
	assert_says "$output" chaos-analyze: config.yaml:3:7: "'conections'" "'connections'?"
	run -2 chaos-fault --control --check </dev/null
	assert_says "$output" chaos-fault: config.yaml:3:7: "'conections'" "'connections'?"
	bad 1:8: key "'timeot'" "'timeout'?" <<<'load: {timeot: 2s}'
	bad 1:34: key "'weigth'" "'weight'?" <<<'loads: {a: {requests: [{path: /, weigth: 3}]}}'
	bad 1:13: "'path'" belongs "'requests'" "'commands'" <<<'loads: {a: {path: /}}'
	bad 1:22: "'soon'" "time span" "20s, 150ms, 1m30s" <<<'loads: {a: {timeout: soon}}'
	bad 1:20: "'maybe'" true false <<<'loads: {a: {http2: maybe}}'
	bad 1:13: "'rps'" scenario load <<<'loads: {a: {rps: 5}}'
	bad 1:21: node "'al_nodes'" "'all_nodes'?" <<<'loads: {a: {target: al_nodes}}'
	bad 1:36: node "'c'" known b <<<'loads: {a: {target: [http://x/, b, c]}}
nodes: {b: {url: http://localhost:1}}'
	bad 1:8: "'replay'" belongs "'loads'" <<<'load: {replay: x.csv}'
	bad 1:12: "'profile'" "'replay'" together <<<'loads: {a: {replay: x, profile: 1s@5}}'
	bad 1:27: "'0'" whole "1 to 10000000" <<<'loads: {a: {max_inflight: 0}}'
	bad 1:26: "'2.5'" whole "1 to 1000000" <<<'loads: {a: {connections: 2.5}}'
	bad 1:23: "'poison'" "'poisson'?" <<<'load: {     arrivals: poison}'
	bad 1:21: "'best'" "auto|own|curl" <<<'loads: {a: {engine: best}}'
	bad 1:22: 25h "1ms to 24h" <<<'loads: {a: {timeout: 25h}}'
}

# values WHICH FILE: of each option in a table of C, its name as a key, kind, bounds and words.
values() {
	awk -v RS='[{]"' -v which="$1" '
		function of(field) { return match($0, "[.]" field " = [^,}]*") ? substr($0, RSTART, RLENGTH) : "" }
		NR > 1 && match($0, /(OPT_|[.]of = )[A-Z_]+/) {
			kind = substr($0, RSTART, RLENGTH)
			sub(/^(OPT_|[.]of = )/, "", kind)
			sub(/^INT$/, "WHOLE", kind); sub(/^DOUBLE$/, "NUMBER", kind)
			name = substr($0, 1, index($0, "\"") - 1)
			gsub(/-/, "_", name)
			if (kind ~ which) print name, kind, of("min"), of("max"), of("choices")
		}' "$2" | sort
}

@test "loads: the keys are the options of chaos-load and those of its requests, with their bounds and words" {
	local ours=$ROOT/lib/conf/loads.c theirs=$ROOT/cmd/chaos-load
	chaos-load --help | grep -oE '^ +(-., )?--[a-z0-9-]+' | grep -oE '[a-z][a-z0-9-]+$' | tr - _ |
		grep -vxE 'targets|no_keep_alive|via' | sort >options
	values . "$ours" | cut -d' ' -f1 >keys
	[ "$(wc -l <options)" -gt 30 ]
	assert_equal "$(comm -23 options keys)" ""
	values '^OF_THE_RUN$' "$ours" | cut -d' ' -f1 | sed 's/$/ /; s/^/^/' >of_the_run
	values '^(CHOICE|WHOLE|NUMBER|SPAN)$' "$theirs/options.c" | grep -v -f of_the_run >want
	[ "$(wc -l <want)" -ge 8 ]
	assert_equal "$(values '^(CHOICE|WHOLE|NUMBER|SPAN)$' "$ours")" "$(cat want)"
	grep -oE '\{"[a-z_]+", +(take_[a-z_]+|NULL), (HTTP|REDIS|ANY)' "$ROOT/lib/net/request_mix.c" | cut -d'"' -f2 | sort -u >options
	sed -n '/request_keys\[\]/,/;/p' "$ours" | grep -oE '"[a-z_]+"' | tr -d '"' | sort -u >keys
	[ "$(wc -l <options)" -gt 5 ]
	assert_equal "$(comm -23 options keys)" ""
}

@test "wrong values: the place and what would be right" {
	bad 1:48: "'1.5'" number "0 to 1" <<<'anomaly_detection: {throughput_drop_threshold: 1.5}'
	bad 1:17: "'soon'" "time span" "20s, 150ms, 1m30s" <<<'load: {timeout: soon}'
	bad 1:20: "'redis://localhost:1'" URL http <<<'http_nodes: [      "redis://localhost:1"]'
}

@test "broken YAML: the place where it breaks" {
	printf 'http_nodes:\n  - a\n b: c\n' >config.yaml
	run -2 chaos-fault ls
	assert_output --regexp '^chaos-fault: config.yaml:3:[0-9]+: '
	: >config.yaml
	run -2 chaos-fault ls
	assert_says "$output" "chaos-fault: config.yaml:1:1:" empty
	printf 'http_nodes: [\xff]\n' >config.yaml
	run -2 chaos-fault ls
	assert_says "$output" "chaos-fault: config.yaml:" UTF-8 "byte 13"
	printf '[1, 2]\n' >config.yaml
	run -2 chaos-fault ls
	assert_says "$output" chaos-fault: config.yaml:1:1: "'key: value'"
	mkdir folder
	run -2 chaos-fault --config folder ls
	assert_equal "$(wc -l <<<"$output")" 1
}

@test "nodes that cannot be: no URL, another machine, one URL twice, a wrong check, a bad name" {
	bad 1:12: "'a'" "no 'url'" <<<'nodes: {a: {process: [x]}}'
	bad 1:18: process "'a'" "'192.0.2.1'" "'host'" ssh <<<'nodes: {a: {url: http://192.0.2.1:80, process: [x]}}'
	run -2 chaos-fault ls
	echo 'nodes: {a: {url: "http://localhost:1"}, b: {url: "http://127.0.0.1:1"}}' >config.yaml
	run -2 chaos-fault ls
	assert_says "$output" "chaos-fault: config.yaml:1:41:" "'a'" "'b'" "same URL" "'http://127.0.0.1:1'"
	echo 'nodes: {a: {url: "redis://localhost:1", ready: GET /}}' >config.yaml
	run -2 chaos-fault ls
	assert_says "$output" chaos-fault: config.yaml:1:48: "'GET /'" readiness Redis "ping, replica, tcp"
	echo 'nodes: {"a b": {url: "redis://localhost:1"}}' >config.yaml
	run -2 chaos-fault ls
	assert_says "$output" "chaos-fault: config.yaml:1:9:" "'a b'" "node name" "1 to 64"
	echo 'nodes: {a: {url: "ftp://localhost:1"}}' >config.yaml
	run -2 chaos-fault ls
	assert_output --regexp "^chaos-fault: config.yaml:1:18: .*'ftp://localhost:1'"
	echo 'nodes: {a: {url: "http://localhost:1", process: chaos-node}}' >config.yaml
	run -2 chaos-fault ls
	assert_says "$output" "chaos-fault: config.yaml:1:49:" "list of words"
}

@test "a node that is in no list takes no load and no fault of all_nodes" {
	cat >config.yaml <<-'END'
		redis_nodes: [redis://127.0.0.1:1]
		nodes:
		  sentinel: {url: 'redis://127.0.0.1:3', process: [sleep, "9"]}
		  db: {url: 'redis://127.0.0.1:1', process: [sleep, "9"]}
	END
	cat >s.yaml <<-'END'
		name: s
		phases:
		  - name: p
		    duration_sec: 1
		    actions: [{type: start_load, rps: 1}, {type: kill_node, target: all_nodes}]
	END
	run -0 chaos-scenario --scenario s.yaml --mode redis --check
	assert_output --partial "on db"
	assert_output --partial "kill db"
	refute_output --partial "sentinel"
}

# cost N: processor time of reading N nodes, in ms; their names and URLs begin alike. How it is shared between program
# and kernel is guessed from ticks, and says little of so short a run: it is that of both.
cost() {
	awk -v n="$1" 'BEGIN { print "nodes:"; for (i = 0; i < n; i++)
		printf "  service-node-%d: {url: \"http://127.0.0.1:%d\", process: [sleep, \"1\"]}\n", i, 20000 + i }' >many.yaml
	local TIMEFORMAT='%U %S'
	{ time chaos-fault --config many.yaml ls service-node-1 >/dev/null; } 2>&1 | awk '{ print int(($1 + $2) * 1000) + 1 }'
}

@test "twelve times as many nodes cost no more than twenty times as much to read" {
	local few many
	few=$(cost 1000) many=$(cost 12000)
	[ "$many" -le $((20 * (few + 5))) ]
}

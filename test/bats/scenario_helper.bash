# What the tests of chaos-scenario share: a config with ports of its own, and the world
# before and after.

# cluster: writes config.yaml for three HTTP nodes and two Redis nodes on free ports.
cluster() {
	free_ports 5
	cat > config.yaml <<-END
	http_nodes: [http://127.0.0.1:${PORTS[0]}, http://127.0.0.1:${PORTS[1]}, http://127.0.0.1:${PORTS[2]}]
	redis_nodes: [redis://127.0.0.1:${PORTS[3]}, redis://127.0.0.1:${PORTS[4]}]
	anomaly_detection: {warmup_ignore_sec: 1}
	END
}

# three_phases SECONDS…: writes s.yaml in the format in use, with phases of that length.
three_phases() {
	cat > s.yaml <<-END
	name: node_failure_recovery
	description: Kill one node under load and measure behaviour.
	phases:
	  - name: warmup
	    duration_sec: $1
	    actions:
	      - {type: start_load, target: all_nodes, rps: 50}
	  - name: failure
	    duration_sec: $2
	    actions:
	      - {type: kill_node, target: service-node-2}
	  - name: recovery
	    duration_sec: $3
	    actions:
	      - {type: restart_node, target: service-node-2}
	      - {type: continue_load, target: all_nodes, rps: 50}
	END
}

# refuses_plan PLACE PIECE…: s.yaml and config.yaml, exit 2 with one line that says that of the place, nothing touched.
refuses_plan() {
	run -2 chaos-scenario --check --scenario s.yaml
	assert_says "$output" "chaos-scenario: $1" "${@:2}"
	[ ! -e runs ] && [ ! -e state ]
}

# Of loads at several places whose TMPDIR is tmp: their processes, and whether anything is left.
loads_here() { pgrep -f "^[^ ]*chaos-load .*$SCRATCH/tmp" || true; }
no_loads() { [ -z "$(loads_here)" ]; }
no_files() { [ -z "$(ls tmp)" ]; }

# world: nodes and whether they are up, one a line; what a run must leave as it was.
world() { chaos-fault ls --json | jq -r '[.node, .state] | @tsv'; }

# events RUN [FILTER]: the names of its events in order of time, one a line.
events() { jq -rs "sort_by(.t)[] | ${2:-.event}" "runs/$1/events.jsonl"; }

# has_event RUN NAME, for wait_for.
has_event() { grep -q "\"event\":\"$2\"" "runs/$1/events.jsonl"; }
has_phase() { grep -q "\"phase_start\",\"phase\":\"$2\"" "runs/$1/events.jsonl"; }

# assert_ran: the last `run` of chaos-scenario did its work. On a machine that is busy otherwise
# it may have to add that requests were sent late.
assert_ran() {
	[[ $status -eq 3 && $output == *"the load generator was the limit"* ]] || assert_success
}

# lone: no process of this test's runs is left; LEFT has those that are. Children have the run's
# folder or the config in their arguments.
lone() { ! LEFT=$(pgrep -af "chaos-[a-z]+ .*$SCRATCH"); }

# readable RUN: every file of the run is whole: rows, events, JSON.
readable() {
	jq -es 'length > 0 and .[0].event == "run_start" and .[-1].event == "run_end"' \
		"runs/$1/events.jsonl" >/dev/null || fail "events of $1: $(cat "runs/$1/events.jsonl")"
	jq -e .seed "runs/$1/manifest.json" >/dev/null
	if [ -s "runs/$1/samples.csv" ]; then
		run awk 'NR == 1 { n = split($0, names, ","); next } split($0, f, ",") < n' "runs/$1/samples.csv"
		assert_output ""
		jq -e .due "runs/$1/load.json" >/dev/null
	fi
	[ ! -e "runs/$1/analysis.json" ] || jq -e .schema "runs/$1/analysis.json" >/dev/null
	run find "runs/$1" -name '.*part'
	assert_output ""
}

# placed EXAMPLE DIR: a copy, each port of which is a free one; by way of marks, since a free one may be one to replace.
placed() {
	local ports i mark='' back=''
	cp -r "$ROOT/examples/$1" "$2"
	rm -rf "$2/data"
	mapfile -t ports < <(grep -ohE '[:"][12]?[0-9]{4}\b' "$2"/*.yaml | tr -d ':"' | sort -u)
	free_ports ${#ports[@]}
	for i in "${!ports[@]}"; do
		mark+="s/\b${ports[i]}\b/@$i@/g;"
		back+="s/@$i@/${PORTS[i]}/g;"
	done
	sed -i "$mark$back" "$2"/*
}
